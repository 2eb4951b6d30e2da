"""What is read of tables that belong to other rooms."""
