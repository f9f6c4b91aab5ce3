"""Charts: one file each, from results or a plan to a `ChartView` with figure, takeaway, table and text alternative."""
