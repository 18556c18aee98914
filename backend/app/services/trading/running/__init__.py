"""Start is recovery, and what runs beside the orders from then on."""
