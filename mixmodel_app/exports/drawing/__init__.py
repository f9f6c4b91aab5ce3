"""Charts without a browser: a Plotly figure becomes a few shapes, and shapes become SVG or PDF."""
