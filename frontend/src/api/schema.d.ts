// Made by npm run types.
export interface paths {
    "/api/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_alerts_api_v1_alerts_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{alert_id}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["acknowledge_alert_api_v1_alerts__alert_id__acknowledge_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_approvals_api_v1_approvals_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{approval_id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["confirm_approval_api_v1_approvals__approval_id__confirm_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{approval_id}/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["refuse_approval_api_v1_approvals__approval_id__refuse_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["events_api_v1_events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["search_events_api_v1_events_search_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_hooks_api_v1_hooks_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["take_alert_api_v1_hooks__name__post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{name}/try": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["try_hook_api_v1_hooks__name__try_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_keys_api_v1_keys_get"];
        put?: never;
        post: operations["create_key_api_v1_keys_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{name}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["disable_key_api_v1_keys__name__disable_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{name}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["enable_key_api_v1_keys__name__enable_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{name}/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["limit_key_api_v1_keys__name__limits_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{name}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["revoke_key_api_v1_keys__name__revoke_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{name}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["rotate_key_api_v1_keys__name__rotate_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_proposals_api_v1_proposals_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals/{approval_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_proposal_api_v1_proposals__approval_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals/{approval_id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["confirm_proposal_api_v1_proposals__approval_id__confirm_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals/{approval_id}/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["refuse_proposal_api_v1_proposals__approval_id__refuse_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["propose_execution_api_v1_proposals_executions_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["propose_order_api_v1_proposals_orders_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/signals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["send_signal_api_v1_signals_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/signals/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["preview_signal_api_v1_signals_preview_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/simulator/faults": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_faults_api_v1_simulator_faults_get"];
        put?: never;
        post: operations["arm_fault_api_v1_simulator_faults_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/simulator/faults/repair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["repair_faults_api_v1_simulator_faults_repair_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["status_api_v1_status_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/strategies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_strategies_api_v1_strategies_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/strategies/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_strategy_api_v1_strategies__name__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/strategies/{name}/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["reload_strategy_api_v1_strategies__name__reload_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/strategies/{name}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["start_strategy_api_v1_strategies__name__start_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/strategies/{name}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["stop_strategy_api_v1_strategies__name__stop_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stream/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["stream_events_api_v1_stream_events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stream/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["make_ticket_api_v1_stream_tickets_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["make_token_api_v1_tokens_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_account_api_v1_trading_account_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/balances/declare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["declare_balance_api_v1_trading_balances_declare_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/book/{instrument}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_book_api_v1_trading_book__instrument__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/candles/{instrument}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_candles_api_v1_trading_candles__instrument__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/differences/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["accept_difference_api_v1_trading_differences_accept_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_executions_api_v1_trading_executions_get"];
        put?: never;
        post: operations["start_execution_api_v1_trading_executions_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/executions/{parent_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_execution_api_v1_trading_executions__parent_id__get"];
        put?: never;
        post?: never;
        delete: operations["cancel_execution_api_v1_trading_executions__parent_id__delete"];
        options?: never;
        head?: never;
        patch: operations["amend_execution_api_v1_trading_executions__parent_id__patch"];
        trace?: never;
    };
    "/api/v1/trading/executions/{parent_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["cancel_execution_because_api_v1_trading_executions__parent_id__cancel_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/executions/{parent_id}/figures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["execution_figures_api_v1_trading_executions__parent_id__figures_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/executions/{parent_id}/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["execution_orders_api_v1_trading_executions__parent_id__orders_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/executions/{parent_id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["pause_execution_api_v1_trading_executions__parent_id__pause_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/executions/{parent_id}/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["execution_figures_api_v1_trading_executions__parent_id__progress_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/executions/{parent_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["resume_execution_api_v1_trading_executions__parent_id__resume_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/executions/{parent_id}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["settle_execution_api_v1_trading_executions__parent_id__settle_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/executions/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["preview_execution_api_v1_trading_executions_preview_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/exports/{what}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["export_api_v1_trading_exports__what__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/instruments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_instruments_api_v1_trading_instruments_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/instruments/{instrument}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_instrument_api_v1_trading_instruments__instrument__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/kill-switch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["kill_switch_api_v1_trading_kill_switch_get"];
        put?: never;
        post: operations["set_kill_switch_api_v1_trading_kill_switch_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/leverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_leverage_api_v1_trading_leverage_get"];
        put?: never;
        post: operations["set_leverage_api_v1_trading_leverage_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/market-trades/{instrument}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_market_trades_api_v1_trading_market_trades__instrument__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_orders_api_v1_trading_orders_get"];
        put?: never;
        post: operations["create_order_api_v1_trading_orders_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/orders/{order_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_order_api_v1_trading_orders__order_id__get"];
        put?: never;
        post?: never;
        delete: operations["cancel_order_api_v1_trading_orders__order_id__delete"];
        options?: never;
        head?: never;
        patch: operations["amend_order_api_v1_trading_orders__order_id__patch"];
        trace?: never;
    };
    "/api/v1/trading/orders/{order_id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["resolve_order_api_v1_trading_orders__order_id__resolve_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/orders/active": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["active_orders_api_v1_trading_orders_active_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/orders/cancel-all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["cancel_all_api_v1_trading_orders_cancel_all_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/performance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["performance_api_v1_trading_performance_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/performance/tear-sheet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["performance_tear_sheet_api_v1_trading_performance_tear_sheet_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/positions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_positions_api_v1_trading_positions_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/positions/{instrument}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_position_api_v1_trading_positions__instrument__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/positions/flatten": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["flatten_plan_api_v1_trading_positions_flatten_get"];
        put?: never;
        post: operations["flatten_api_v1_trading_positions_flatten_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/positions/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["sync_positions_api_v1_trading_positions_sync_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/risk-limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["risk_limits_api_v1_trading_risk_limits_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["statistics_api_v1_trading_statistics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/strategies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_strategies_api_v1_trading_strategies_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/tax-lots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["tax_lots_api_v1_trading_tax_lots_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/tca/estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["tca_estimate_api_v1_trading_tca_estimate_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/tca/executions/{parent_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["tca_of_execution_api_v1_trading_tca_executions__parent_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/tca/orders/{order_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["tca_of_order_api_v1_trading_tca_orders__order_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/tca/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["tca_report_api_v1_trading_tca_report_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/trades": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_trades_api_v1_trading_trades_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trading/volume-curve/{instrument}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["volume_curve_api_v1_trading_volume_curve__instrument__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["live_health_live_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["ready_health_ready_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["metrics_metrics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Account: {
            balances: {
                [key: string]: components["schemas"]["CurrencyBalance"];
            };
            day_start_equity: string;
            equity: string;
            id: string;
            moved_today: string;
            stale: string[];
            unvalued: string[];
            valuation_currency: string;
        };
        AffectedOrders: {
            orders: components["schemas"]["OrderResponse"][];
        };
        AfterEnd: {
            horizon_ms: number;
            mid: string | null;
            permanent_bps: string | null;
            reversion_bps: string | null;
            source: string;
        };
        AfterFills: {
            horizon_ms: number;
            impact_bps: string | null;
            liquidity: components["schemas"]["Liquidity"] | null;
            markout_bps: string;
            n: number;
            net_bps: string | null;
            realised_spread_bps: string | null;
        };
        Alert: {
            detail: {
                [key: string]: unknown;
            };
            kind: string;
        };
        /** @enum {string} */
        AlertAction: "none" | "notify" | "pause" | "kill_switch" | "failed";
        AlertForeseen: {
            key: string;
            signal: components["schemas"]["SignalForeseen"];
        };
        /** @enum {string} */
        AlertSeverity: "info" | "warning" | "critical";
        /** @enum {string} */
        AlertState: "firing" | "acknowledged" | "resolved";
        Approval: {
            act: string;
            approval_id: string;
            /** Format: date-time */
            asked_at: string;
            asked_by: string;
            decided_at: string | null;
            decided_by: string | null;
            /** Format: date-time */
            expires_at: string;
            reason: string;
            state: string;
            subject: string;
            wanted: string;
        };
        Approvals: {
            approvals: components["schemas"]["Approval"][];
        };
        ArmComparison: {
            cheaper: string | null;
            currency: string;
            days: number;
            difference_bps: string | null;
            first: string;
            interval: components["schemas"]["Interval"] | null;
            second: string;
            wheel: string;
            why: string;
        };
        ArrivalShown: {
            ask: string;
            ask_depth: string | null;
            ask_size: string;
            /** Format: date-time */
            at: string;
            bid: string;
            bid_depth: string | null;
            bid_size: string;
            microprice: string;
            mid: string;
            /** Format: date-time */
            venue_at: string;
        };
        AtWorst: {
            currency: string;
            of_equity: string | null;
            worth: string | null;
        };
        BalancesMessage: {
            account: components["schemas"]["Account"];
            as_of: number;
            seq: null;
            /** @constant */
            type: "balances";
        };
        /** @enum {string} */
        Bar: "1m" | "5m" | "15m" | "30m" | "1h" | "4h" | "1d";
        BookMessage: {
            asks: string[][];
            bids: string[][];
            exchange_at: string | null;
            instrument_id: string;
            seq: null;
            /** @constant */
            type: "book";
            valid: boolean;
        };
        BookShown: {
            age_seconds: number | null;
            asks: string[][];
            bids: string[][];
            exchange_at: string | null;
            followed: boolean;
            instrument_id: string;
            mid: string | null;
            spread: string | null;
            unusable: string | null;
        };
        Calibration: {
            estimate: string;
            intercept: number | null;
            n: number;
            slope: number | null;
            why: string;
        };
        CandlePage: {
            bar: components["schemas"]["Bar"];
            candles: components["schemas"]["CandleShown"][];
            instrument_id: string;
            next_start: string | null;
            unread: number;
        };
        CandleShown: {
            close: string;
            complete: boolean;
            high: string;
            low: string;
            open: string;
            /** Format: date-time */
            opened_at: string;
            volume: string;
        };
        ChildCost: {
            acknowledged_ms: number | null;
            ask: string | null;
            average_price: string | null;
            bid: string | null;
            filled_size: string;
            first_fill_ms: number | null;
            order_id: string;
            order_type: components["schemas"]["OrderType"];
            price: string | null;
            sent_at: string | null;
            size: string;
            status: components["schemas"]["OrderStatus"];
            touch_slippage_bps: string | null;
        };
        ChildFigures: {
            ended: string;
            filled_size: string;
            order_id: string;
            price: string | null;
            reason: string;
            size: string;
            status: components["schemas"]["OrderStatus"];
            step: number;
        };
        ChildOrders: {
            orders: components["schemas"]["OrderResponse"][];
        };
        Closing: {
            instrument_id: string;
            position_side: components["schemas"]["PositionSide"];
            side: components["schemas"]["OrderSide"];
            size: string;
            trade_mode: components["schemas"]["TradeMode"];
            value: string | null;
            value_currency: string;
        };
        /** @enum {string} */
        ConditionalType: "stop" | "stop_limit" | "take_profit" | "take_profit_limit" | "trailing_stop" | "oco";
        CostGroup: {
            calibration: components["schemas"]["Calibration"][];
            cost: string;
            currency: string;
            figures: components["schemas"]["GroupFigure"][];
            group: string | null;
            notional: string;
            orders: number;
            unmeasured: number;
        };
        CostReport: {
            by: components["schemas"]["Grouping"];
            comparisons: components["schemas"]["ArmComparison"][];
            end_date: string | null;
            groups: components["schemas"]["CostGroup"][];
            instrument_id: string | null;
            orders: number;
            start_date: string | null;
            unlisted: components["schemas"]["UnlistedOrders"][];
        };
        CurrencyBalance: {
            available: string;
            currency: string;
            price: string | null;
            price_age_seconds: number | null;
            price_kind: string;
            price_route: string[];
            total: string;
            value: string | null;
        };
        DayReturn: {
            change: number | null;
            day: string;
            equity: string;
            growth: string;
        };
        DeclaredHook: {
            alerts_per_minute: number;
            form: string;
            max_bytes: number;
            name: string;
            one_by: string;
            path: string;
            states: string[];
            symbols: {
                [key: string]: string;
            };
            window_seconds: number;
        };
        Difference: {
            kind: components["schemas"]["DifferenceKind"];
            ledger: string;
            subject: string;
            venue: string;
        };
        /** @enum {string} */
        DifferenceKind: "balance" | "position" | "orders" | "fills";
        DrawdownFigures: {
            amount: string;
            change: number | null;
            duration_seconds: number | null;
            /** Format: date-time */
            peak_at: string;
            recovered_at: string | null;
            /** Format: date-time */
            trough_at: string;
        };
        ErrorMessage: {
            problem: {
                [key: string]: unknown;
            };
            seq: null;
            /** @constant */
            type: "error";
        };
        Estimate: {
            square_root_bps: string | null;
            surprise_bps: string | null;
            walk_bps: string | null;
        };
        EventList: {
            events: components["schemas"]["JournalEvent"][];
        };
        EventMessage: {
            alert?: components["schemas"]["Alert"];
            /** Format: date-time */
            at: string;
            execution?: components["schemas"]["ExecutionChange"];
            fills?: components["schemas"]["TradeResponse"][];
            kind: string;
            movement?: components["schemas"]["Movement"];
            order?: components["schemas"]["OrderResponse"];
            principal: string;
            seq: number;
            step?: components["schemas"]["ExecutionStep"];
            /** @constant */
            type: "event";
        };
        EventPage: {
            events: components["schemas"]["JournalEvent"][];
            next_cursor: string | null;
        };
        Execution: {
            account: string;
            arm: string | null;
            arrival: components["schemas"]["ArrivalShown"] | null;
            config: {
                [key: string]: string | number | boolean | string[] | null;
            };
            /** Format: date-time */
            created_at: string;
            decision_at: string | null;
            decision_price: string | null;
            end_at: string | null;
            entry_id: string | null;
            exit: boolean;
            filled_size: string;
            frozen_since: string | null;
            instrument_id: string;
            limit_offset_pct: string | null;
            limit_price: string | null;
            next_at: string | null;
            open_children: string[];
            overfilled_size: string;
            parent_id: string;
            position_side: components["schemas"]["PositionSide"];
            quote_left: string | null;
            quote_size: string | null;
            reason: string;
            reduce_only: boolean;
            side: components["schemas"]["OrderSide"];
            signal_seq: number | null;
            size: string;
            /** Format: date-time */
            start_at: string;
            status: components["schemas"]["ParentStatus"];
            strategy: string;
            strategy_id: string | null;
            tags: string[];
            trade_mode: components["schemas"]["TradeMode"];
            unsent_size: string;
            /** Format: date-time */
            updated_at: string;
            waiting_for: string;
            working_size: string;
        };
        ExecutionChange: {
            filled_size: string;
            instrument_id: string;
            limit_price: string | null;
            parent_id: string;
            reason: string;
            side: components["schemas"]["OrderSide"];
            size: string;
            status: components["schemas"]["ParentStatus"];
            strategy: string;
            strategy_id: string | null;
        };
        ExecutionCost: {
            acknowledgement: components["schemas"]["Latency"] | null;
            after_end: components["schemas"]["AfterEnd"][];
            after_fills: components["schemas"]["AfterFills"][];
            arrival: components["schemas"]["PriceAt"];
            arrival_slippage_bps: string | null;
            average_price: string | null;
            currency: string;
            decision: components["schemas"]["PriceAt"];
            duration_seconds: number | null;
            effective_spread_bps: string | null;
            end: components["schemas"]["PriceAt"];
            estimate: components["schemas"]["Estimate"];
            fill_rate: string | null;
            filled_size: string;
            fills: components["schemas"]["FillCost"][];
            first_fill: components["schemas"]["Latency"] | null;
            id: string;
            instrument_id: string;
            kind: string;
            maker_share: string | null;
            market: components["schemas"]["MarketWindow"] | null;
            median_seconds_to_fill: number | null;
            missing: string[];
            orders: components["schemas"]["ChildCost"][];
            over: boolean;
            quote_total: string | null;
            ratios: components["schemas"]["OrderRatios"];
            schedule: components["schemas"]["ScheduleLook"][];
            schedule_error: string | null;
            shortfall: components["schemas"]["Shortfall"] | null;
            side: components["schemas"]["OrderSide"];
            size: string;
            status: string;
            strategy: string | null;
            strategy_id: string | null;
            time_to_fill: components["schemas"]["StillOpen"][];
        };
        ExecutionList: {
            executions: components["schemas"]["Execution"][];
        };
        ExecutionsMessage: {
            as_of: number;
            executions: components["schemas"]["Execution"][];
            seq: null;
            /** @constant */
            type: "executions";
        };
        ExecutionStep: {
            act: string;
            order_id: string | null;
            parent_id: string;
            reason: string | null;
            step: number;
        };
        /** @enum {string} */
        Exported: "trades" | "orders" | "positions" | "bills" | "tax";
        FaultKnob: {
            armed: boolean;
            at: number[];
            chances: number;
            fired: number;
            name: string;
            probability: number | null;
            times: number | null;
            value: string | null;
            what: string;
        };
        FaultList: {
            faults: components["schemas"]["FaultKnob"][];
        };
        Fees: {
            age_seconds: number | null;
            maker: string;
            taker: string;
        };
        FillCost: {
            /** Format: date-time */
            at: string;
            effective_spread_bps: string | null;
            fee: string | null;
            liquidity: components["schemas"]["Liquidity"] | null;
            marks: components["schemas"]["FillMark"][];
            mid: string | null;
            order_id: string;
            price: string;
            size: string;
            trade_id: string;
        };
        FillMark: {
            at: string | null;
            horizon_ms: number;
            markout_bps: string | null;
            mid: string | null;
            source: string;
            why: string;
        };
        FirstMessage: {
            after?: number | null;
            books?: string[] | string | null;
            channels?: string[] | string | null;
            key?: string | null;
            ticket?: string | null;
        };
        Flattened: {
            executions: components["schemas"]["Execution"][];
            left_out: components["schemas"]["LeftOut"][];
            orders: components["schemas"]["OrderResponse"][];
        };
        FlattenPlan: {
            closing: components["schemas"]["Closing"][];
            left_out: components["schemas"]["LeftOut"][];
        };
        GroupFigure: {
            figure: string;
            of: components["schemas"]["Weighted"];
            weight: string;
        };
        /** @enum {string} */
        Grouping: "day" | "strategy" | "label" | "instrument" | "side" | "size" | "exchange" | "arm";
        HeartbeatMessage: {
            as_of: number;
            seq: null;
            /** @constant */
            type: "heartbeat";
        };
        HelloMessage: {
            account: string;
            after: number;
            books: string[];
            channels: string[];
            head: number;
            principal: string;
            seq: null;
            /** @constant */
            type: "hello";
        };
        HookList: {
            hooks: components["schemas"]["DeclaredHook"][];
        };
        /** @enum {string} */
        InstrumentKind: "spot" | "swap";
        InstrumentList: {
            instruments: components["schemas"]["InstrumentTerms"][];
        };
        InstrumentTerms: {
            base: string;
            contract_value: string;
            fees: components["schemas"]["Fees"] | null;
            instrument_id: string;
            inverse: boolean;
            kind: components["schemas"]["InstrumentKind"];
            leverages: components["schemas"]["Leverage"][];
            live: boolean;
            lot: string;
            max_limit_size: string | null;
            max_market_size: string | null;
            min_size: string;
            quote: string;
            settle: string;
            tick: string;
        };
        Interval: {
            high: number | null;
            low: number | null;
        };
        JournalEvent: {
            /** Format: date-time */
            at: string;
            cause_seq: number | null;
            hash: string;
            kind: string;
            order_id: string | null;
            parent_id: string | null;
            payload: {
                [key: string]: unknown;
            };
            position: string | null;
            principal: string;
            seq: number;
            trade_id: string | null;
        };
        KeyLimitsInForce: {
            instruments: string[] | null;
            max_daily_notional: string | null;
            max_order_notional: string | null;
            principal: string;
            strategies: string[] | null;
            traded_today: string | null;
        };
        KillSwitchState: {
            approval: components["schemas"]["Approval"] | null;
            engaged: boolean;
            principal: string;
            reason: string;
            since: string | null;
        };
        Latency: {
            n: number;
            p50: number | null;
            p95: number | null;
            p99: number | null;
        };
        LeftOut: {
            dust: boolean;
            instrument_id: string;
            position_side: components["schemas"]["PositionSide"];
            reason: string;
            size: string;
            trade_mode: components["schemas"]["TradeMode"];
            value: string | null;
            value_currency: string;
        };
        Leverage: {
            age_seconds: number | null;
            instrument_id: string;
            leverage: string | null;
            position_side: components["schemas"]["PositionSide"];
            trade_mode: components["schemas"]["TradeMode"];
        };
        Leverages: {
            leverages: components["schemas"]["Leverage"][];
        };
        LimitInForce: {
            left: string | null;
            limit: string | null;
            name: string;
            of: string;
            unit: string;
            used: string | null;
            why: string | null;
        };
        /** @enum {string} */
        Liquidity: "maker" | "taker";
        Liveness: {
            alive: boolean;
        };
        /** @enum {string} */
        LotMethod: "fifo" | "average";
        MarketTrade: {
            /** Format: date-time */
            exchange_at: string;
            price: string;
            side: components["schemas"]["OrderSide"];
            size: string;
            trade_id: string;
        };
        MarketTrades: {
            followed: boolean;
            instrument_id: string;
            trades: components["schemas"]["MarketTrade"][];
        };
        MarketWindow: {
            end_at: string | null;
            participation: string | null;
            seen_share: number | null;
            /** Format: date-time */
            start_at: string;
            twap: string | null;
            twap_slippage_bps: string | null;
            volume: string;
            volume_without_own: string | null;
            vwap: string | null;
            vwap_slippage_bps: string | null;
            vwap_without_own: string | null;
            vwap_without_own_slippage_bps: string | null;
        };
        Movement: {
            amount: string;
            bill_id: string | null;
            currency: string;
            instrument_id: string | null;
            kind: string;
            movement: number;
            note: string | null;
            price: string | null;
        };
        NamedKey: {
            addresses: string[];
            /** Format: date-time */
            created_at: string;
            created_by: string;
            environment: string;
            expires_at: string | null;
            instruments: string[] | null;
            key_id: string;
            max_daily_notional: string | null;
            max_order_notional: string | null;
            name: string;
            principal: string;
            scopes: string[];
            state: string;
            strategies: string[] | null;
            used_at: string | null;
        };
        NamedKeys: {
            approval?: components["schemas"]["Approval"] | null;
            keys: components["schemas"]["NamedKey"][];
        };
        NewKey: {
            approval?: components["schemas"]["Approval"] | null;
            key: components["schemas"]["NamedKey"];
            replaced: components["schemas"]["NamedKey"][];
            secret: string;
        };
        OrderList: {
            orders: components["schemas"]["OrderResponse"][];
        };
        OrderPage: {
            next_cursor: string | null;
            orders: components["schemas"]["OrderResponse"][];
        };
        OrderParams: {
            distance: string | null;
            distance_pct: string | null;
            held: string | null;
            instrument_id: string;
            order_type: components["schemas"]["OrderType"] | components["schemas"]["ConditionalType"];
            position_side: components["schemas"]["PositionSide"];
            price: string | null;
            reduce_only: boolean;
            side: components["schemas"]["OrderSide"];
            size: string;
            stop_loss: string | null;
            strategy_id: string | null;
            take_profit: string | null;
            trade_mode: components["schemas"]["TradeMode"];
            trigger_by: string | null;
            trigger_price: string | null;
        };
        OrderRatios: {
            cancel: number | null;
            reject: number | null;
            sent: number;
        };
        OrderResponse: {
            account: string;
            acknowledged_at: string | null;
            average_fill_price: string | null;
            cancel_requested: boolean;
            client_order_id: string;
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            error_code: string | null;
            error_message: string | null;
            exchange_order_id: string | null;
            exit: boolean;
            fees: {
                [key: string]: string;
            };
            filled_size: string;
            instrument_id: string;
            order_id: string;
            order_type: components["schemas"]["OrderType"] | components["schemas"]["ConditionalType"];
            parent_id: string | null;
            position_side: components["schemas"]["PositionSide"];
            price: string | null;
            reasons: components["schemas"]["Refusal"][];
            reduce_only: boolean;
            refusal: components["schemas"]["RefusalClass"] | null;
            remaining_size: string;
            sent_at: string | null;
            settled: boolean;
            side: components["schemas"]["OrderSide"];
            size: string;
            status: components["schemas"]["OrderStatus"];
            strategy_id: string | null;
            trade_mode: components["schemas"]["TradeMode"];
            /** Format: date-time */
            updated_at: string;
        };
        /** @enum {string} */
        OrderSide: "buy" | "sell";
        /** @enum {string} */
        OrderStatus: "pending" | "denied" | "sent" | "unknown" | "live" | "partially_filled" | "filled" | "canceled" | "rejected" | "never_accepted" | "not_sent";
        /** @enum {string} */
        OrderType: "market" | "limit" | "post_only" | "ioc" | "fok";
        OwnStrategies: {
            strategies: components["schemas"]["StrategyView"][];
        };
        Parameter: {
            allowed: string;
            amendable: boolean;
            default: unknown;
            help: string;
            kind: string;
            name: string;
            unit: string;
        };
        ParentFigures: {
            ahead_seconds: string | null;
            ahead_size: string | null;
            arrival_price: string | null;
            average_price: string | null;
            children: components["schemas"]["ChildFigures"][];
            decision_price: string | null;
            decision_slippage_bps: string | null;
            expected_end: string | null;
            fees: {
                [key: string]: string;
            };
            maker_share: string | null;
            next_act: string;
            next_at: string | null;
            parent_id: string;
            participation: string | null;
            schedule: components["schemas"]["ScheduledSize"][];
            scheduled_size: string | null;
            slippage_bps: string | null;
            status: components["schemas"]["ParentStatus"];
        };
        ParentPreview: {
            at_once_price: string | null;
            at_once_size: string | null;
            at_once_slippage_bps: string | null;
            at_worst: components["schemas"]["AtWorst"] | null;
            children: components["schemas"]["PlannedChild"][];
            cost_currency: string;
            end_at: string | null;
            expected_cost: string | null;
            expected_fees: string | null;
            expected_price: string | null;
            expected_slippage_bps: string | null;
            expected_total: string | null;
            instrument_id: string;
            limit_price: string | null;
            maker_fee_rate: string | null;
            maker_share: string;
            mid_price: string | null;
            next_act: string;
            power_law_bps: string | null;
            quote_size: string | null;
            side: components["schemas"]["OrderSide"];
            size: string;
            square_root_bps: string | null;
            /** Format: date-time */
            start_at: string;
            strategy: string;
            taker_fee_rate: string | null;
        };
        /** @enum {string} */
        ParentStatus: "new" | "scheduled" | "running" | "paused" | "suspended" | "canceling" | "completed" | "completed_with_dust" | "partial_expired" | "canceled" | "rejected" | "failed";
        Parts: {
            delay: string | null;
            execution: string;
            fees: string;
            opportunity: string | null;
            spread: string;
            total: string | null;
        };
        PerformanceMetrics: {
            average_loss: string;
            average_trade_seconds: number | null;
            average_win: string;
            cagr: number | null;
            calmar_ratio: number | null;
            conditional_value_at_risk: number | null;
            days: number;
            end_date: string | null;
            ending_equity: string;
            expectancy: string;
            exposure_time: number | null;
            fill_count: number;
            first_trade_at: string | null;
            gross_loss: string;
            gross_profit: string;
            instrument_id: string | null;
            largest_loss: string;
            largest_win: string;
            last_trade_at: string | null;
            losing_trades: number;
            max_drawdown: number | null;
            max_drawdown_amount: string;
            max_drawdown_duration_seconds: number | null;
            max_drawdown_peak_at: string | null;
            max_drawdown_trough_at: string | null;
            net_profit: string;
            notes: string[];
            omega_ratio: number | null;
            open_trips: number;
            payoff_ratio: number | null;
            probabilistic_sharpe_ratio: number | null;
            profit_factor: number | null;
            r_multiple: number | null;
            realised_pnl: string;
            scratch_trades: number;
            sharpe_ratio: number | null;
            sharpe_standard_error: number | null;
            sortino_ratio: number | null;
            stability: number | null;
            start_date: string | null;
            starting_equity: string;
            strategy_id: string | null;
            tail_ratio: number | null;
            total_fees: string;
            total_funding: string;
            total_return: number | null;
            total_trades: number;
            total_volume: string;
            turnover: number | null;
            unrealized_pnl: string | null;
            valuation_currency: string;
            value_at_risk: number | null;
            volatility: number | null;
            win_rate: number | null;
            winning_trades: number;
        };
        PeriodFigures: {
            change: number | null;
            first_day: string;
            last_day: string;
            name: string;
            profit: string;
        };
        PlannedChild: {
            at: string | null;
            price: string | null;
            reason: string;
            size: string;
        };
        PositionAtWorst: {
            of_equity: string | null;
            position: string;
            worth: string | null;
        };
        PositionDifference: {
            instrument_id: string;
            ledger_size: string;
            position_side: components["schemas"]["PositionSide"];
            trade_mode: components["schemas"]["TradeMode"];
            venue_size: string;
        };
        PositionDifferences: {
            differences: components["schemas"]["PositionDifference"][];
        };
        PositionList: {
            positions: components["schemas"]["PositionResponse"][];
        };
        PositionResponse: {
            account: string;
            books: {
                [key: string]: string;
            };
            dust: boolean;
            entry_price: string | null;
            fee_value: string;
            fees: {
                [key: string]: string;
            };
            fees_unvalued: string[];
            fill_count: number;
            instrument_id: string;
            leverage: string | null;
            margin: string | null;
            mark_price: string | null;
            marked_at: string | null;
            net_pnl: string | null;
            notional: string | null;
            pnl_currency: string;
            position_side: components["schemas"]["PositionSide"];
            realised_pnl: string;
            size: string;
            trade_mode: components["schemas"]["TradeMode"];
            unrealised_pnl: string | null;
            updated_at: string | null;
        };
        /** @enum {string} */
        PositionSide: "net" | "long" | "short";
        PositionsMessage: {
            as_of: number;
            positions: components["schemas"]["PositionResponse"][];
            seq: null;
            /** @constant */
            type: "positions";
        };
        PreTradeEstimate: {
            instrument_id: string;
            mid: string | null;
            missing: string[];
            side: components["schemas"]["OrderSide"];
            size: string;
            square_root_bps: string | null;
            visible_size: string;
            volatility: number | null;
            volume: string;
            walk_bps: string | null;
            walk_price: string | null;
        };
        PriceAt: {
            at: string | null;
            price: string | null;
            source: string;
        };
        ProblemDetails: {
            detail: string;
            errors: components["schemas"]["ValueAtFault"][];
            status: number;
            title: string;
            type: string;
        } & {
            [key: string]: unknown;
        };
        Proposal: {
            act: string;
            /** Format: date-time */
            asked_at: string;
            asked_by: string;
            became: string | null;
            decided_at: string | null;
            decided_by: string | null;
            /** Format: date-time */
            expires_at: string;
            instrument_id: string;
            proposal_id: string;
            reason: string;
            request: {
                [key: string]: unknown;
            };
            state: string;
        };
        ProposalDone: {
            execution: components["schemas"]["Execution"] | null;
            order: components["schemas"]["OrderResponse"] | null;
            proposal: components["schemas"]["Proposal"];
        };
        Proposals: {
            proposals: components["schemas"]["Proposal"][];
        };
        RaisedAlert: {
            acknowledged_at: string | null;
            acknowledged_by: string | null;
            action: components["schemas"]["AlertAction"];
            advice: string;
            alert_id: string;
            /** Format: date-time */
            fired_at: string;
            note: string;
            resolved_at: string | null;
            rule: string;
            severity: components["schemas"]["AlertSeverity"];
            state: components["schemas"]["AlertState"];
            subject: string;
            what: string;
        };
        RaisedAlerts: {
            alerts: components["schemas"]["RaisedAlert"][];
        };
        Readiness: {
            ready: boolean;
            reasons: string[];
        };
        Refusal: {
            check: string;
            field: string;
            rule: string;
            value: string;
        };
        /** @enum {string} */
        RefusalClass: "passing" | "standing" | "wrong";
        RiskInForce: {
            allowed_instruments: string[] | null;
            currency: string;
            equity: string;
            key: components["schemas"]["KeyLimitsInForce"];
            kill_switch: boolean;
            limits: components["schemas"]["LimitInForce"][];
            positions: components["schemas"]["PositionAtWorst"][];
            require_positive_balance: boolean;
        };
        RollingFigures: {
            day: string;
            max_drawdown: number | null;
            sharpe_ratio: number | null;
            total_return: number | null;
            volatility: number | null;
        };
        ScheduledSize: {
            /** Format: date-time */
            at: string;
            size: string;
        };
        ScheduleLook: {
            /** Format: date-time */
            at: string;
            filled: string;
            target: string;
        };
        Shortfall: {
            bps: components["schemas"]["Parts"];
            fees_unknown: number;
            money: components["schemas"]["Parts"];
            notional: string;
            spread_known: string;
        };
        SignalForeseen: {
            execution: components["schemas"]["ParentPreview"] | null;
            instrument_id: string;
            orders: components["schemas"]["OrderParams"][];
            refused: components["schemas"]["Refusal"][];
            size: string | null;
            type: string;
        };
        SignalTaken: {
            execution: components["schemas"]["Execution"] | null;
            instrument_id: string;
            key: string;
            order: components["schemas"]["OrderResponse"] | null;
            size: string | null;
            type: string;
        };
        /** @enum {string} */
        Span: "day" | "week" | "month" | "quarter" | "year";
        /** @enum {string} */
        Standing: "starting" | "running" | "stopped" | "failed";
        StatusMessage: {
            as_of: number;
            seq: null;
            status: {
                [key: string]: unknown;
            };
            /** @constant */
            type: "status";
        };
        StatusReport: {
            ready: boolean;
            reasons: string[];
        } & {
            [key: string]: unknown;
        };
        StillOpen: {
            probability: number | null;
            seconds: number | null;
        };
        Strategy: {
            config: {
                [key: string]: unknown;
            };
            name: string;
            /** Parameters */
            parameters: components["schemas"]["Parameter"][];
            summary: string;
        };
        StrategyFigures: {
            performance: components["schemas"]["PerformanceMetrics"];
            state: string;
            strategy: components["schemas"]["StrategyView"];
        };
        StrategyList: {
            strategies: components["schemas"]["Strategy"][];
        };
        StrategyPart: {
            net_profit: string;
            profit_factor: number | null;
            strategy_id: string | null;
            total_fees: string;
            total_trades: number | null;
            total_volume: string;
            unrealized_pnl: string | null;
            win_rate: number | null;
        };
        StrategyView: {
            at_risk: string;
            batches: number;
            budget: string | null;
            config: string;
            execution: string | null;
            file: string;
            held: {
                [key: string]: string;
            };
            instruments: string[];
            last_failure: string;
            last_refusal: string;
            max_order: string | null;
            open_executions: number;
            open_orders: number;
            pid: number | null;
            reason: string;
            restarts: number;
            schedule: string | null;
            sha256: string;
            signals_lost: number;
            signals_per_minute: number;
            signals_refused: number;
            signals_taken: number;
            standing: components["schemas"]["Standing"];
            strategy_id: string;
            trades_lost: number;
        };
        TaxLot: {
            acquired_at: string | null;
            asset: string;
            cost: string | null;
            currency: string;
            disposal: string;
            /** Format: date-time */
            disposed_at: string;
            fee: string | null;
            gain: string | null;
            instrument_id: string;
            number: number;
            origin: string | null;
            price_source: string;
            proceeds: string | null;
            quantity: string;
            trade_id: string;
        };
        TaxLotPage: {
            currency: string;
            gains: {
                [key: string]: string;
            };
            method: components["schemas"]["LotMethod"];
            next_cursor: string | null;
            tax_lots: components["schemas"]["TaxLot"][];
            unknown: {
                [key: string]: string;
            };
        };
        TearSheet: {
            days: components["schemas"]["DayReturn"][];
            drawdowns: components["schemas"]["DrawdownFigures"][];
            metrics: components["schemas"]["PerformanceMetrics"];
            missing: string[];
            period: string;
            periods: components["schemas"]["PeriodFigures"][];
            rolling: components["schemas"]["RollingFigures"][];
            rolling_days: number;
            starting_equity: string;
            strategies: components["schemas"]["StrategyPart"][];
        };
        Ticket: {
            /** Format: date-time */
            expires_at: string;
            ticket: string;
        };
        Token: {
            /** Format: date-time */
            ends_at: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: date-time */
            made_at: string;
            principal: string;
            scopes: string[];
            token: string;
        };
        /** @enum {string} */
        TradeMode: "cash" | "cross" | "isolated";
        TradePage: {
            next_cursor: string | null;
            trades: components["schemas"]["TradeResponse"][];
        };
        TradeResponse: {
            account: string;
            category: string;
            client_order_id: string;
            exchange_order_id: string;
            fee: string | null;
            fee_currency: string | null;
            instrument_id: string;
            liquidity: components["schemas"]["Liquidity"] | null;
            order_id: string;
            parent_id: string | null;
            position_side: components["schemas"]["PositionSide"];
            price: string;
            /** Format: date-time */
            recorded_at: string;
            side: components["schemas"]["OrderSide"];
            size: string;
            strategy_id: string | null;
            trade_id: string;
            trade_mode: components["schemas"]["TradeMode"] | null;
            /** Format: date-time */
            traded_at: string;
        };
        TradeStatistics: {
            average_fill_notional: string;
            buy_count: number;
            by_strategy: {
                [key: string]: number;
            };
            fees_by_currency: {
                [key: string]: string;
            };
            fill_count: number;
            first_trade_at: string | null;
            largest_fill_notional: string;
            last_trade_at: string | null;
            maker_share: number | null;
            notional_by_instrument: {
                [key: string]: string;
            };
            sell_count: number;
            taker_share: number | null;
            volume_by_instrument: {
                [key: string]: string;
            };
        };
        UnlistedOrders: {
            instrument_id: string;
            orders: number;
        };
        ValueAtFault: {
            check: string;
            field: string;
            rule: string;
            value: string;
        };
        VolumeCurve: {
            average_hour: string;
            days: number;
            /** Format: date-time */
            first_day: string;
            instrument_id: string;
            /** Format: date-time */
            last_day: string;
            samples: number[];
            volume_curve: string[];
        };
        Weighted: {
            days: number;
            interval: components["schemas"]["Interval"] | null;
            mean: string;
            median: string;
            n: number;
            p5: string;
            p25: string;
            p75: string;
            p95: string;
            why: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_alerts_api_v1_alerts_get: {
        parameters: {
            query?: {
                open_only?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RaisedAlerts"];
                };
            };
        };
    };
    acknowledge_alert_api_v1_alerts__alert_id__acknowledge_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                alert_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    note?: string | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RaisedAlert"];
                };
            };
        };
    };
    list_approvals_api_v1_approvals_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approvals"];
                };
            };
        };
    };
    confirm_approval_api_v1_approvals__approval_id__confirm_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
        };
    };
    refuse_approval_api_v1_approvals__approval_id__refuse_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
        };
    };
    events_api_v1_events_get: {
        parameters: {
            query?: {
                after_seq?: number;
                kind?: "account.recorded" | "session.started" | "signal.received" | "request.refused" | "request.kept" | "order.intent" | "order.denied" | "order.accepted" | "order.rejected" | "order.not_sent" | "order.unknown" | "order.report" | "order.adopted" | "order.never_accepted" | "order.filled_before" | "order.cancel_requested" | "order.cancel_answered" | "order.amend_intent" | "order.amend_answered" | "account.opened" | "cash.moved" | "holdings.begun" | "holdings.read" | "position.opening" | "position.mode" | "position.shared" | "leverage.set" | "equity.day_opened" | "kill_switch.on" | "kill_switch.off" | "parent.changed" | "parent.controlled" | "parent.step" | "account.watermark" | "account.difference" | "account.difference_ended" | "message.quarantined" | "anomaly" | "operator.evidence" | "key.created" | "key.rotated" | "key.revoked" | "key.disabled" | "key.enabled" | "key.limited" | "approval.asked" | "approval.confirmed" | "approval.refused" | "approval.expired" | "approval.reopened" | "notices.failed" | "notices.resumed" | "traces.failed" | "traces.resumed" | "strategy.started" | "strategy.stopped" | "strategy.failed" | "alert.fired" | "alert.acted" | "alert.acknowledged" | "alert.resolved" | null;
                limit?: number;
                order_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
        };
    };
    search_events_api_v1_events_search_get: {
        parameters: {
            query?: {
                cursor?: string | null;
                end_date?: string | null;
                instrument_id?: string | null;
                kind?: "account.recorded" | "session.started" | "signal.received" | "request.refused" | "request.kept" | "order.intent" | "order.denied" | "order.accepted" | "order.rejected" | "order.not_sent" | "order.unknown" | "order.report" | "order.adopted" | "order.never_accepted" | "order.filled_before" | "order.cancel_requested" | "order.cancel_answered" | "order.amend_intent" | "order.amend_answered" | "account.opened" | "cash.moved" | "holdings.begun" | "holdings.read" | "position.opening" | "position.mode" | "position.shared" | "leverage.set" | "equity.day_opened" | "kill_switch.on" | "kill_switch.off" | "parent.changed" | "parent.controlled" | "parent.step" | "account.watermark" | "account.difference" | "account.difference_ended" | "message.quarantined" | "anomaly" | "operator.evidence" | "key.created" | "key.rotated" | "key.revoked" | "key.disabled" | "key.enabled" | "key.limited" | "approval.asked" | "approval.confirmed" | "approval.refused" | "approval.expired" | "approval.reopened" | "notices.failed" | "notices.resumed" | "traces.failed" | "traces.resumed" | "strategy.started" | "strategy.stopped" | "strategy.failed" | "alert.fired" | "alert.acted" | "alert.acknowledged" | "alert.resolved" | null;
                limit?: number;
                order_id?: string | null;
                parent_id?: string | null;
                start_date?: string | null;
                strategy_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
        };
    };
    list_hooks_api_v1_hooks_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HookList"];
                };
            };
        };
    };
    take_alert_api_v1_hooks__name__post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "*/*": string;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignalTaken"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignalTaken"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    try_hook_api_v1_hooks__name__try_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    alert: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertForeseen"];
                };
            };
        };
    };
    list_keys_api_v1_keys_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamedKeys"];
                };
            };
        };
    };
    create_key_api_v1_keys_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    addresses?: string[] | null;
                    expires_at?: string | null;
                    instruments?: string[] | null;
                    max_daily_notional?: (string | number) | null;
                    max_order_notional?: (string | number) | null;
                    name: string;
                    /** @enum {string|null} */
                    role?: "viewer" | "trader" | "risk" | "admin" | null;
                    scopes?: ("read" | "orders:place" | "orders:cancel" | "executions" | "exit" | "risk:write" | "halt" | "resume" | "keys" | "audit:read" | "propose")[] | null;
                    strategies?: string[] | null;
                } & ({
                    role: unknown;
                } | {
                    scopes: unknown;
                });
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKey"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    disable_key_api_v1_keys__name__disable_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamedKeys"];
                };
            };
        };
    };
    enable_key_api_v1_keys__name__enable_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamedKeys"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    limit_key_api_v1_keys__name__limits_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    instruments?: string[] | null;
                    max_daily_notional?: (string | number) | null;
                    max_order_notional?: (string | number) | null;
                    strategies?: string[] | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamedKeys"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    revoke_key_api_v1_keys__name__revoke_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamedKeys"];
                };
            };
        };
    };
    rotate_key_api_v1_keys__name__rotate_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    overlap_seconds?: number;
                };
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKey"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_proposals_api_v1_proposals_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proposals"];
                };
            };
        };
    };
    get_proposal_api_v1_proposals__approval_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proposal"];
                };
            };
        };
    };
    confirm_proposal_api_v1_proposals__approval_id__confirm_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProposalDone"];
                };
            };
        };
    };
    refuse_proposal_api_v1_proposals__approval_id__refuse_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proposal"];
                };
            };
        };
    };
    propose_execution_api_v1_proposals_executions_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    config?: {
                        max_attempts?: number;
                        max_book_age?: number | string;
                        max_clip?: number | string | null;
                        max_cost_pct?: number | string | null;
                        max_levels?: number | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string;
                    } | {
                        chase_time?: number | string;
                        fallback_to_market?: boolean;
                        max_book_age?: number | string;
                        max_chase_pct?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        peg_offset_pct?: number | string | null;
                        post_only?: boolean;
                        timeout?: number | string;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_after?: number | string;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        price_offset_pct?: number | string;
                        reprice_ticks?: number;
                        size_jitter?: number | string;
                        style?: ("passive" | "passive_then_cross" | "taker") | null;
                        time_jitter?: number | string;
                        use_limit_orders?: boolean;
                        would_price?: number | string | null;
                    } | {
                        layers?: number;
                        max_book_age?: number | string;
                        max_clip?: number | string | null;
                        max_refresh_time?: number | string;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_visible_size?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        peg?: boolean;
                        refresh_delay?: number | string;
                        size_jitter?: number | string;
                        timeout?: number | string | null;
                        use_limit_orders?: boolean;
                        visible_pct?: number | string;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_after?: number | string;
                        curve_unit?: number | string | null;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_deviation?: number | string;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        price_offset_pct?: number | string;
                        reprice_ticks?: number;
                        size_jitter?: number | string;
                        style?: ("passive" | "passive_then_cross" | "taker") | null;
                        time_jitter?: number | string;
                        use_limit_orders?: boolean;
                        volume_curve?: (number | string)[];
                        would_price?: number | string | null;
                    } | {
                        duration?: number | string | null;
                        force_completion?: boolean;
                        interval?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_participation?: number | string | null;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation?: number | string;
                        window?: number | string;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_after?: number | string;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        half_life?: number | string | null;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        price_offset_pct?: number | string;
                        reprice_ticks?: number;
                        risk_aversion?: number | string | null;
                        size_jitter?: number | string;
                        style?: ("passive" | "passive_then_cross" | "taker") | null;
                        time_jitter?: number | string;
                        /** @enum {string} */
                        urgency?: "low" | "medium" | "high";
                        use_limit_orders?: boolean;
                        would_price?: number | string | null;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_imbalance?: number | string;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        patience?: number | string;
                        reprice_ticks?: number;
                        size_jitter?: number | string;
                        time_jitter?: number | string;
                        would_price?: number | string | null;
                    } | {
                        cooldown?: number | string;
                        max_book_age?: number | string;
                        max_clip?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_shown?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        persist?: number | string;
                        take_pct?: number | string;
                        timeout?: number | string;
                    } | {
                        /** @enum {string} */
                        finish?: "cancel" | "cross";
                        max_book_age?: number | string;
                        max_chase_pct?: number | string;
                        max_slippage_pct?: number | string;
                        min_rest?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        reprice_ticks?: number;
                        timeout?: number | string;
                    } | {
                        levels?: number;
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        price_from?: number | string | null;
                        price_to?: number | string | null;
                        size_skew?: number | string;
                        timeout?: number | string | null;
                    } | {
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                        trigger_price?: number | string | null;
                    } | {
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                        trigger_price?: number | string | null;
                    } | {
                        activate_at?: number | string | null;
                        distance?: number | string | null;
                        distance_pct?: number | string | null;
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                    } | {
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        stop_loss?: number | string | null;
                        take_profit?: number | string | null;
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                    } | {
                        exit_timeout?: number | string | null;
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        stop_loss?: number | string | null;
                        take_profit?: number | string | null;
                        timeout?: number | string;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                    } | {
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string;
                        unattributed?: boolean;
                    };
                    decision_at?: string | null;
                    decision_price?: (string | number) | null;
                    end_at?: string | null;
                    instrument_id: string;
                    limit_offset_pct?: string | null;
                    /** @enum {string} */
                    order_type: "market" | "limit" | "post_only" | "ioc" | "fok";
                    /** @enum {string} */
                    position_side?: "net" | "long" | "short";
                    price?: (string | number) | null;
                    reduce_only?: boolean;
                    /** @enum {string} */
                    side: "buy" | "sell";
                    size: string | number;
                    /** @enum {string} */
                    size_in?: "instrument" | "base" | "contracts" | "quote";
                    start_at?: string | null;
                    /** @enum {string} */
                    strategy: "adaptive" | "bracket" | "chase" | "exit" | "iceberg" | "implementation_shortfall" | "limit" | "market" | "oco" | "pov" | "scale" | "sniper" | "stop" | "take_profit" | "trailing_stop" | "twap" | "vwap" | "wheel";
                    strategy_id?: string | null;
                    tags?: string[];
                    /** @enum {string} */
                    trade_mode?: "cash" | "cross" | "isolated";
                } & unknown;
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proposal"];
                };
            };
        };
    };
    propose_order_api_v1_proposals_orders_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    distance?: (string | number) | null;
                    distance_pct?: (string | number) | null;
                    held?: ("here" | "exchange") | null;
                    instrument_id: string;
                    /** @enum {string} */
                    order_type: "market" | "limit" | "post_only" | "ioc" | "fok" | "stop" | "stop_limit" | "take_profit" | "take_profit_limit" | "trailing_stop" | "oco";
                    /** @enum {string} */
                    position_side?: "net" | "long" | "short";
                    price?: (string | number) | null;
                    reduce_only?: boolean;
                    /** @enum {string} */
                    side: "buy" | "sell";
                    size: string | number;
                    stop_loss?: (string | number) | null;
                    strategy_id?: string | null;
                    take_profit?: (string | number) | null;
                    /** @enum {string} */
                    trade_mode?: "cash" | "cross" | "isolated";
                    trigger_by?: ("last" | "book" | "mark" | "index") | null;
                    trigger_price?: (string | number) | null;
                } & (unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown);
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proposal"];
                };
            };
        };
    };
    send_signal_api_v1_signals_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    confidence?: number;
                    config?: {
                        [key: string]: (number | string | boolean | null) | (number | string | boolean | null)[];
                    } | null;
                    decision_at?: string | null;
                    decision_price?: (string | number) | null;
                    expires_at?: string | null;
                    idempotency_key?: string | null;
                    instrument_id: string;
                    metadata?: {
                        [key: string]: string | number | (number | boolean | null);
                    };
                    position_side?: ("net" | "long" | "short") | null;
                    price?: (string | number) | null;
                    size?: (string | number) | null;
                    /** @enum {string} */
                    size_in?: "instrument" | "base" | "contracts" | "quote" | "equity_percent";
                    stop_loss?: (string | number) | null;
                    strategy?: ("adaptive" | "bracket" | "chase" | "exit" | "iceberg" | "implementation_shortfall" | "limit" | "market" | "oco" | "pov" | "scale" | "sniper" | "stop" | "take_profit" | "trailing_stop" | "twap" | "vwap" | "wheel") | null;
                    strategy_id?: string | null;
                    take_profit?: (string | number) | null;
                    trade_mode?: ("cash" | "cross" | "isolated") | null;
                    /** @enum {string} */
                    type: "buy" | "sell" | "close" | "hold";
                } & (unknown & unknown & unknown & unknown & unknown & unknown);
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignalTaken"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignalTaken"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    preview_signal_api_v1_signals_preview_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    confidence?: number;
                    config?: {
                        [key: string]: (number | string | boolean | null) | (number | string | boolean | null)[];
                    } | null;
                    decision_at?: string | null;
                    decision_price?: (string | number) | null;
                    expires_at?: string | null;
                    idempotency_key?: string | null;
                    instrument_id: string;
                    metadata?: {
                        [key: string]: string | number | (number | boolean | null);
                    };
                    position_side?: ("net" | "long" | "short") | null;
                    price?: (string | number) | null;
                    size?: (string | number) | null;
                    /** @enum {string} */
                    size_in?: "instrument" | "base" | "contracts" | "quote" | "equity_percent";
                    stop_loss?: (string | number) | null;
                    strategy?: ("adaptive" | "bracket" | "chase" | "exit" | "iceberg" | "implementation_shortfall" | "limit" | "market" | "oco" | "pov" | "scale" | "sniper" | "stop" | "take_profit" | "trailing_stop" | "twap" | "vwap" | "wheel") | null;
                    strategy_id?: string | null;
                    take_profit?: (string | number) | null;
                    trade_mode?: ("cash" | "cross" | "isolated") | null;
                    /** @enum {string} */
                    type: "buy" | "sell" | "close" | "hold";
                } & (unknown & unknown & unknown & unknown & unknown & unknown);
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignalForeseen"];
                };
            };
        };
    };
    list_faults_api_v1_simulator_faults_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FaultList"];
                };
            };
        };
    };
    arm_fault_api_v1_simulator_faults_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    probability?: number;
                    times?: number | null;
                    value?: string | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FaultList"];
                };
            };
        };
    };
    repair_faults_api_v1_simulator_faults_repair_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name?: string | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FaultList"];
                };
            };
        };
    };
    status_api_v1_status_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusReport"];
                };
            };
        };
    };
    list_strategies_api_v1_strategies_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnStrategies"];
                };
            };
        };
    };
    get_strategy_api_v1_strategies__name__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StrategyFigures"];
                };
            };
        };
    };
    reload_strategy_api_v1_strategies__name__reload_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StrategyView"];
                };
            };
        };
    };
    start_strategy_api_v1_strategies__name__start_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StrategyView"];
                };
            };
        };
    };
    stop_strategy_api_v1_strategies__name__stop_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StrategyView"];
                };
            };
        };
    };
    stream_events_api_v1_stream_events_get: {
        parameters: {
            query?: {
                after?: number | null;
                books?: string | null;
                channels?: string | null;
                for_seconds?: number | null;
                ticket?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    make_ticket_api_v1_stream_tickets_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ticket"];
                };
            };
        };
    };
    make_token_api_v1_tokens_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    scopes?: ("read" | "orders:place" | "orders:cancel" | "executions" | "exit" | "risk:write" | "halt" | "resume" | "audit:read" | "propose")[] | null;
                };
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
        };
    };
    get_account_api_v1_trading_account_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    declare_balance_api_v1_trading_balances_declare_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    amount: string | number;
                    by: string;
                    currency: string;
                    price?: (string | number) | null;
                    why: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CurrencyBalance"];
                };
            };
        };
    };
    get_book_api_v1_trading_book__instrument__get: {
        parameters: {
            query?: {
                depth?: number;
            };
            header?: never;
            path: {
                instrument: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BookShown"];
                };
            };
        };
    };
    get_candles_api_v1_trading_candles__instrument__get: {
        parameters: {
            query?: {
                bar?: components["schemas"]["Bar"];
                end_date?: string | null;
                limit?: number;
                start_date?: string | null;
            };
            header?: never;
            path: {
                instrument: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CandlePage"];
                };
            };
        };
    };
    accept_difference_api_v1_trading_differences_accept_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    by: string;
                    /** @enum {string} */
                    kind: "balance" | "position" | "orders" | "fills";
                    subject: string;
                    why: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Difference"];
                };
            };
        };
    };
    list_executions_api_v1_trading_executions_get: {
        parameters: {
            query?: {
                limit?: number;
                open_only?: boolean;
                tag?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionList"];
                };
            };
        };
    };
    start_execution_api_v1_trading_executions_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    config?: {
                        max_attempts?: number;
                        max_book_age?: number | string;
                        max_clip?: number | string | null;
                        max_cost_pct?: number | string | null;
                        max_levels?: number | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string;
                    } | {
                        chase_time?: number | string;
                        fallback_to_market?: boolean;
                        max_book_age?: number | string;
                        max_chase_pct?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        peg_offset_pct?: number | string | null;
                        post_only?: boolean;
                        timeout?: number | string;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_after?: number | string;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        price_offset_pct?: number | string;
                        reprice_ticks?: number;
                        size_jitter?: number | string;
                        style?: ("passive" | "passive_then_cross" | "taker") | null;
                        time_jitter?: number | string;
                        use_limit_orders?: boolean;
                        would_price?: number | string | null;
                    } | {
                        layers?: number;
                        max_book_age?: number | string;
                        max_clip?: number | string | null;
                        max_refresh_time?: number | string;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_visible_size?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        peg?: boolean;
                        refresh_delay?: number | string;
                        size_jitter?: number | string;
                        timeout?: number | string | null;
                        use_limit_orders?: boolean;
                        visible_pct?: number | string;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_after?: number | string;
                        curve_unit?: number | string | null;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_deviation?: number | string;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        price_offset_pct?: number | string;
                        reprice_ticks?: number;
                        size_jitter?: number | string;
                        style?: ("passive" | "passive_then_cross" | "taker") | null;
                        time_jitter?: number | string;
                        use_limit_orders?: boolean;
                        volume_curve?: (number | string)[];
                        would_price?: number | string | null;
                    } | {
                        duration?: number | string | null;
                        force_completion?: boolean;
                        interval?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_participation?: number | string | null;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation?: number | string;
                        window?: number | string;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_after?: number | string;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        half_life?: number | string | null;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        price_offset_pct?: number | string;
                        reprice_ticks?: number;
                        risk_aversion?: number | string | null;
                        size_jitter?: number | string;
                        style?: ("passive" | "passive_then_cross" | "taker") | null;
                        time_jitter?: number | string;
                        /** @enum {string} */
                        urgency?: "low" | "medium" | "high";
                        use_limit_orders?: boolean;
                        would_price?: number | string | null;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_imbalance?: number | string;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        patience?: number | string;
                        reprice_ticks?: number;
                        size_jitter?: number | string;
                        time_jitter?: number | string;
                        would_price?: number | string | null;
                    } | {
                        cooldown?: number | string;
                        max_book_age?: number | string;
                        max_clip?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_shown?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        persist?: number | string;
                        take_pct?: number | string;
                        timeout?: number | string;
                    } | {
                        /** @enum {string} */
                        finish?: "cancel" | "cross";
                        max_book_age?: number | string;
                        max_chase_pct?: number | string;
                        max_slippage_pct?: number | string;
                        min_rest?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        reprice_ticks?: number;
                        timeout?: number | string;
                    } | {
                        levels?: number;
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        price_from?: number | string | null;
                        price_to?: number | string | null;
                        size_skew?: number | string;
                        timeout?: number | string | null;
                    } | {
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                        trigger_price?: number | string | null;
                    } | {
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                        trigger_price?: number | string | null;
                    } | {
                        activate_at?: number | string | null;
                        distance?: number | string | null;
                        distance_pct?: number | string | null;
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                    } | {
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        stop_loss?: number | string | null;
                        take_profit?: number | string | null;
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                    } | {
                        exit_timeout?: number | string | null;
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        stop_loss?: number | string | null;
                        take_profit?: number | string | null;
                        timeout?: number | string;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                    } | {
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string;
                        unattributed?: boolean;
                    };
                    decision_at?: string | null;
                    decision_price?: (string | number) | null;
                    end_at?: string | null;
                    instrument_id: string;
                    limit_offset_pct?: string | null;
                    /** @enum {string} */
                    order_type: "market" | "limit" | "post_only" | "ioc" | "fok";
                    /** @enum {string} */
                    position_side?: "net" | "long" | "short";
                    price?: (string | number) | null;
                    reduce_only?: boolean;
                    /** @enum {string} */
                    side: "buy" | "sell";
                    size: string | number;
                    /** @enum {string} */
                    size_in?: "instrument" | "base" | "contracts" | "quote";
                    start_at?: string | null;
                    /** @enum {string} */
                    strategy: "adaptive" | "bracket" | "chase" | "exit" | "iceberg" | "implementation_shortfall" | "limit" | "market" | "oco" | "pov" | "scale" | "sniper" | "stop" | "take_profit" | "trailing_stop" | "twap" | "vwap" | "wheel";
                    strategy_id?: string | null;
                    tags?: string[];
                    /** @enum {string} */
                    trade_mode?: "cash" | "cross" | "isolated";
                } & unknown;
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    get_execution_api_v1_trading_executions__parent_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    cancel_execution_api_v1_trading_executions__parent_id__delete: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    amend_execution_api_v1_trading_executions__parent_id__patch: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    config?: {
                        [key: string]: (number | string | boolean | null) | (number | string | boolean | null)[];
                    };
                    end_at?: string | null;
                    limit_offset_pct?: string | null;
                    price?: (string | number) | null;
                    reason?: string | null;
                    size?: (string | number) | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    cancel_execution_because_api_v1_trading_executions__parent_id__cancel_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    execution_figures_api_v1_trading_executions__parent_id__figures_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParentFigures"];
                };
            };
        };
    };
    execution_orders_api_v1_trading_executions__parent_id__orders_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChildOrders"];
                };
            };
        };
    };
    pause_execution_api_v1_trading_executions__parent_id__pause_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    clock?: "kept" | "frozen";
                    reason?: string | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    execution_figures_api_v1_trading_executions__parent_id__progress_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParentFigures"];
                };
            };
        };
    };
    resume_execution_api_v1_trading_executions__parent_id__resume_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    settle_execution_api_v1_trading_executions__parent_id__settle_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    by: string;
                    why: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    preview_execution_api_v1_trading_executions_preview_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    config?: {
                        max_attempts?: number;
                        max_book_age?: number | string;
                        max_clip?: number | string | null;
                        max_cost_pct?: number | string | null;
                        max_levels?: number | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string;
                    } | {
                        chase_time?: number | string;
                        fallback_to_market?: boolean;
                        max_book_age?: number | string;
                        max_chase_pct?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        peg_offset_pct?: number | string | null;
                        post_only?: boolean;
                        timeout?: number | string;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_after?: number | string;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        price_offset_pct?: number | string;
                        reprice_ticks?: number;
                        size_jitter?: number | string;
                        style?: ("passive" | "passive_then_cross" | "taker") | null;
                        time_jitter?: number | string;
                        use_limit_orders?: boolean;
                        would_price?: number | string | null;
                    } | {
                        layers?: number;
                        max_book_age?: number | string;
                        max_clip?: number | string | null;
                        max_refresh_time?: number | string;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_visible_size?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        peg?: boolean;
                        refresh_delay?: number | string;
                        size_jitter?: number | string;
                        timeout?: number | string | null;
                        use_limit_orders?: boolean;
                        visible_pct?: number | string;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_after?: number | string;
                        curve_unit?: number | string | null;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_deviation?: number | string;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        price_offset_pct?: number | string;
                        reprice_ticks?: number;
                        size_jitter?: number | string;
                        style?: ("passive" | "passive_then_cross" | "taker") | null;
                        time_jitter?: number | string;
                        use_limit_orders?: boolean;
                        volume_curve?: (number | string)[];
                        would_price?: number | string | null;
                    } | {
                        duration?: number | string | null;
                        force_completion?: boolean;
                        interval?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_participation?: number | string | null;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation?: number | string;
                        window?: number | string;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_after?: number | string;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        half_life?: number | string | null;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        price_offset_pct?: number | string;
                        reprice_ticks?: number;
                        risk_aversion?: number | string | null;
                        size_jitter?: number | string;
                        style?: ("passive" | "passive_then_cross" | "taker") | null;
                        time_jitter?: number | string;
                        /** @enum {string} */
                        urgency?: "low" | "medium" | "high";
                        use_limit_orders?: boolean;
                        would_price?: number | string | null;
                    } | {
                        /** @enum {string} */
                        completion?: "force" | "cancel_residual" | "extend" | "leave_passive";
                        cross_imbalance?: number | string;
                        duration?: number | string;
                        extend_seconds?: number | string;
                        max_book_age?: number | string;
                        max_catch_up?: number | string;
                        max_clip?: number | string | null;
                        max_participation?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_rest?: number | string;
                        num_slices?: number;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        participation_window?: number | string;
                        patience?: number | string;
                        reprice_ticks?: number;
                        size_jitter?: number | string;
                        time_jitter?: number | string;
                        would_price?: number | string | null;
                    } | {
                        cooldown?: number | string;
                        max_book_age?: number | string;
                        max_clip?: number | string | null;
                        max_slippage_pct?: number | string;
                        min_clip?: number | string | null;
                        min_shown?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        persist?: number | string;
                        take_pct?: number | string;
                        timeout?: number | string;
                    } | {
                        /** @enum {string} */
                        finish?: "cancel" | "cross";
                        max_book_age?: number | string;
                        max_chase_pct?: number | string;
                        max_slippage_pct?: number | string;
                        min_rest?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        reprice_ticks?: number;
                        timeout?: number | string;
                    } | {
                        levels?: number;
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        price_from?: number | string | null;
                        price_to?: number | string | null;
                        size_skew?: number | string;
                        timeout?: number | string | null;
                    } | {
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                        trigger_price?: number | string | null;
                    } | {
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                        trigger_price?: number | string | null;
                    } | {
                        activate_at?: number | string | null;
                        distance?: number | string | null;
                        distance_pct?: number | string | null;
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                    } | {
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        stop_loss?: number | string | null;
                        take_profit?: number | string | null;
                        timeout?: number | string | null;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                    } | {
                        exit_timeout?: number | string | null;
                        /** @enum {string} */
                        held?: "here" | "exchange";
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        stop_loss?: number | string | null;
                        take_profit?: number | string | null;
                        timeout?: number | string;
                        /** @enum {string} */
                        trigger_by?: "last" | "book" | "mark" | "index";
                    } | {
                        max_book_age?: number | string;
                        max_slippage_pct?: number | string;
                        /** @enum {string} */
                        on_restart?: "resume" | "cancel";
                        timeout?: number | string;
                        unattributed?: boolean;
                    };
                    decision_at?: string | null;
                    decision_price?: (string | number) | null;
                    end_at?: string | null;
                    instrument_id: string;
                    limit_offset_pct?: string | null;
                    /** @enum {string} */
                    order_type: "market" | "limit" | "post_only" | "ioc" | "fok";
                    /** @enum {string} */
                    position_side?: "net" | "long" | "short";
                    price?: (string | number) | null;
                    reduce_only?: boolean;
                    /** @enum {string} */
                    side: "buy" | "sell";
                    size: string | number;
                    /** @enum {string} */
                    size_in?: "instrument" | "base" | "contracts" | "quote";
                    start_at?: string | null;
                    /** @enum {string} */
                    strategy: "adaptive" | "bracket" | "chase" | "exit" | "iceberg" | "implementation_shortfall" | "limit" | "market" | "oco" | "pov" | "scale" | "sniper" | "stop" | "take_profit" | "trailing_stop" | "twap" | "vwap" | "wheel";
                    strategy_id?: string | null;
                    tags?: string[];
                    /** @enum {string} */
                    trade_mode?: "cash" | "cross" | "isolated";
                } & unknown;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParentPreview"];
                };
            };
        };
    };
    export_api_v1_trading_exports__what__get: {
        parameters: {
            query?: {
                end_date?: string | null;
                instrument_id?: string | null;
                method?: components["schemas"]["LotMethod"] | null;
                start_date?: string | null;
                strategy_id?: string | null;
            };
            header?: never;
            path: {
                what: components["schemas"]["Exported"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
        };
    };
    list_instruments_api_v1_trading_instruments_get: {
        parameters: {
            query?: {
                contains?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstrumentList"];
                };
            };
        };
    };
    get_instrument_api_v1_trading_instruments__instrument__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                instrument: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstrumentTerms"];
                };
            };
        };
    };
    kill_switch_api_v1_trading_kill_switch_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KillSwitchState"];
                };
            };
        };
    };
    set_kill_switch_api_v1_trading_kill_switch_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    engaged: boolean;
                    reason: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KillSwitchState"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_leverage_api_v1_trading_leverage_get: {
        parameters: {
            query: {
                instrument_id: string;
                trade_mode?: components["schemas"]["TradeMode"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Leverages"];
                };
            };
        };
    };
    set_leverage_api_v1_trading_leverage_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    instrument_id: string;
                    leverage: string | number;
                    position_side?: ("net" | "long" | "short") | null;
                    /** @enum {string} */
                    trade_mode?: "cross" | "isolated";
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Leverages"];
                };
            };
        };
    };
    get_market_trades_api_v1_trading_market_trades__instrument__get: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path: {
                instrument: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarketTrades"];
                };
            };
        };
    };
    list_orders_api_v1_trading_orders_get: {
        parameters: {
            query?: {
                cursor?: string | null;
                end_date?: string | null;
                exchange_order_id?: string | null;
                instrument_id?: string | null;
                limit?: number;
                parent_id?: string | null;
                side?: components["schemas"]["OrderSide"] | null;
                start_date?: string | null;
                status?: components["schemas"]["OrderStatus"][] | null;
                strategy_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderPage"];
                };
            };
        };
    };
    create_order_api_v1_trading_orders_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    distance?: (string | number) | null;
                    distance_pct?: (string | number) | null;
                    held?: ("here" | "exchange") | null;
                    instrument_id: string;
                    /** @enum {string} */
                    order_type: "market" | "limit" | "post_only" | "ioc" | "fok" | "stop" | "stop_limit" | "take_profit" | "take_profit_limit" | "trailing_stop" | "oco";
                    /** @enum {string} */
                    position_side?: "net" | "long" | "short";
                    price?: (string | number) | null;
                    reduce_only?: boolean;
                    /** @enum {string} */
                    side: "buy" | "sell";
                    size: string | number;
                    stop_loss?: (string | number) | null;
                    strategy_id?: string | null;
                    take_profit?: (string | number) | null;
                    /** @enum {string} */
                    trade_mode?: "cash" | "cross" | "isolated";
                    trigger_by?: ("last" | "book" | "mark" | "index") | null;
                    trigger_price?: (string | number) | null;
                } & (unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown & unknown);
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_order_api_v1_trading_orders__order_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                order_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
        };
    };
    cancel_order_api_v1_trading_orders__order_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                order_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    amend_order_api_v1_trading_orders__order_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                order_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    price?: (string | number) | null;
                    size?: (string | number) | null;
                    trigger_price?: (string | number) | null;
                } | {
                    size: unknown;
                } | {
                    price: unknown;
                } | {
                    trigger_price: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
        };
    };
    resolve_order_api_v1_trading_orders__order_id__resolve_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                order_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    by: string;
                    filled?: (string | number) | null;
                    fills?: Record<string, never>[];
                    /** @enum {string} */
                    state: "canceled" | "filled" | "never_accepted";
                    venue_order_id?: string;
                    why: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
        };
    };
    active_orders_api_v1_trading_orders_active_get: {
        parameters: {
            query?: {
                instrument_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderList"];
                };
            };
        };
    };
    cancel_all_api_v1_trading_orders_cancel_all_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    instrument_id?: string | null;
                    protection?: boolean;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AffectedOrders"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    performance_api_v1_trading_performance_get: {
        parameters: {
            query?: {
                end_date?: string | null;
                instrument_id?: string | null;
                start_date?: string | null;
                strategy_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PerformanceMetrics"];
                };
            };
        };
    };
    performance_tear_sheet_api_v1_trading_performance_tear_sheet_get: {
        parameters: {
            query?: {
                end_date?: string | null;
                instrument_id?: string | null;
                period?: components["schemas"]["Span"];
                rolling_days?: number;
                start_date?: string | null;
                strategy_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TearSheet"];
                    "text/html": string;
                };
            };
        };
    };
    list_positions_api_v1_trading_positions_get: {
        parameters: {
            query?: {
                include_flat?: boolean;
                instrument_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PositionList"];
                };
            };
        };
    };
    get_position_api_v1_trading_positions__instrument__get: {
        parameters: {
            query?: {
                position_side?: components["schemas"]["PositionSide"] | null;
                trade_mode?: components["schemas"]["TradeMode"] | null;
            };
            header?: never;
            path: {
                instrument: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PositionResponse"];
                };
            };
        };
    };
    flatten_plan_api_v1_trading_positions_flatten_get: {
        parameters: {
            query?: {
                all?: boolean;
                instrument_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlattenPlan"];
                };
            };
        };
    };
    flatten_api_v1_trading_positions_flatten_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    all?: boolean;
                    instrument_id?: string | null;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flattened"];
                };
            };
        };
    };
    sync_positions_api_v1_trading_positions_sync_post: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PositionDifferences"];
                };
            };
        };
    };
    risk_limits_api_v1_trading_risk_limits_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RiskInForce"];
                };
            };
        };
    };
    statistics_api_v1_trading_statistics_get: {
        parameters: {
            query?: {
                end_date?: string | null;
                instrument_id?: string | null;
                start_date?: string | null;
                strategy_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TradeStatistics"];
                };
            };
        };
    };
    list_strategies_api_v1_trading_strategies_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StrategyList"];
                };
            };
        };
    };
    tax_lots_api_v1_trading_tax_lots_get: {
        parameters: {
            query?: {
                asset?: string | null;
                cursor?: string | null;
                end_date?: string | null;
                limit?: number;
                method?: components["schemas"]["LotMethod"];
                start_date?: string | null;
                strategy_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaxLotPage"];
                };
            };
        };
    };
    tca_estimate_api_v1_trading_tca_estimate_get: {
        parameters: {
            query: {
                instrument_id: string;
                side: components["schemas"]["OrderSide"];
                size: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PreTradeEstimate"];
                };
            };
        };
    };
    tca_of_execution_api_v1_trading_tca_executions__parent_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                parent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionCost"];
                    "text/html": string;
                };
            };
        };
    };
    tca_of_order_api_v1_trading_tca_orders__order_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                order_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionCost"];
                    "text/html": string;
                };
            };
        };
    };
    tca_report_api_v1_trading_tca_report_get: {
        parameters: {
            query: {
                by: components["schemas"]["Grouping"];
                end_date?: string | null;
                instrument_id?: string | null;
                start_date?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CostReport"];
                    "text/html": string;
                };
            };
        };
    };
    list_trades_api_v1_trading_trades_get: {
        parameters: {
            query?: {
                cursor?: string | null;
                end_date?: string | null;
                instrument_id?: string | null;
                limit?: number;
                order_id?: string | null;
                parent_id?: string | null;
                side?: components["schemas"]["OrderSide"] | null;
                start_date?: string | null;
                strategy_id?: string | null;
                trade_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TradePage"];
                };
            };
        };
    };
    volume_curve_api_v1_trading_volume_curve__instrument__get: {
        parameters: {
            query?: {
                days?: number;
            };
            header?: never;
            path: {
                instrument: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeCurve"];
                };
            };
        };
    };
    live_health_live_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Liveness"];
                };
            };
        };
    };
    ready_health_ready_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    metrics_metrics_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
