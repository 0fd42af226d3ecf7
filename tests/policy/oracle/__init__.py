"""Who may see what, told a second time: by hand from law and plans, for tests to compare with."""
