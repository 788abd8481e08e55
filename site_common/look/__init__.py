"""The look the sites share: base page, forms, error pages, style sheet."""
