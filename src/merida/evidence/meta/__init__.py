"""Meta-analysis of a user's own table: effects in, pooled effect, heterogeneity and bias out."""
