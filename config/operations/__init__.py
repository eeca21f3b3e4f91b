"""What the person who runs the server needs: logs, figures, a doctor, backups."""
