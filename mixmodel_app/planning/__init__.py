"""Questions about the budget, answered from posterior draws with numpy and scipy alone: no PyMC, no fit."""
