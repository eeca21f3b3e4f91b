"""Live coaching: landmarks in over a websocket, the same coach, feedback out. The protocol is docs/live.md."""
