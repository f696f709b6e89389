"""POST /chatkit: the protocol of ChatKit.js, spoken natively over the conversations that are kept.

A thread is a conversation and its items are messages. One endpoint takes every operation; those
that answer a question go through the same turn of a conversation as the site's own REST API.

Source: the types and the server of the `openai-chatkit` package (1.6), which the tests hold us to.
"""
