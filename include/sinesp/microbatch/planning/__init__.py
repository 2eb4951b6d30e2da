"""From checkpoint, Variables and offsets to the batch a run works on."""
