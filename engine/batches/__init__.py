"""What the batch driver stands on: a provider's Batch API (OpenAI's shape), and the records of what was sent to it.

A wave is one batch: at most so many calls of one model, of many shards. `waves` keeps its records in the run's folder,
`api` speaks to the provider, `submission` brings a wave there once and never twice, `replies` reads what came back.
"""
