"""The look the three sites share: base page, forms, error pages, style sheet."""
