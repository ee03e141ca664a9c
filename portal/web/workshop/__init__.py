"""The pages of workshops: how they are opened, and within one how people join, play, are led and look back."""
