"""The pure optimiser: arrays in, a plan out; it knows nothing of programmes."""
