"""What the notebooks claim, each with the control that would refute it; one file a part."""
