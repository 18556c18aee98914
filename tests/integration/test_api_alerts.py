"""Alerts over HTTP: listed for who may read, taken up by who may halt, told on the stream of alerts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.domain.events import EventKind
from tests.support.api_world import api_world

ALERTS = "/api/v1/alerts"
AT_ONCE = {"lease": {"fires_at": 0, "ends_at": 0, "action": "none"}}


async def test_an_alert_is_listed_and_taken_up_by_name(tmp_path: Path) -> None:
    async with api_world(tmp_path, alerts=AT_ONCE) as world:
        fired = world.system.journal.follow(0)
        async with asyncio.timeout(30):
            async for event in fired:
                if event.kind == EventKind.ALERT_FIRED:
                    break
        await fired.aclose()
        (alert,) = (await world.client.get(ALERTS, params={"open_only": "true"})).json()["alerts"]
        assert (alert["rule"], alert["subject"], alert["state"]) == ("lease", "account", "firing")
        assert alert["what"].startswith("0% of the time by which a renewal")
        path = f"{ALERTS}/{alert['alert_id']}/acknowledge"
        made = await world.control.post("/api/v1/keys", json={"name": "viewer", "role": "viewer"})
        viewer = {"x-api-key": made.json()["secret"]}
        assert (await world.client.post(path, json={}, headers=viewer)).status_code == 403
        assert (await world.client.get(ALERTS, headers=viewer)).status_code == 200
        wrong = await world.client.post(path, json={"note": 5})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "note")
        taken = await world.client.post(path, json={"note": "seen"})
        assert taken.status_code == 200, taken.text
        assert (taken.json()["state"], taken.json()["acknowledged_by"]) == ("acknowledged", "api:local")
        none = await world.client.post(f"{ALERTS}/al-0/acknowledge", json={})
        assert (none.status_code, none.json()["errors"][0]["field"]) == (422, "alert_id")
        assert [each["state"] for each in (await world.client.get(ALERTS)).json()["alerts"]] == ["acknowledged"]
