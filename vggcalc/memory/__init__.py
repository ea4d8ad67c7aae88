"""Memory: whose memory an output lies in, what is alive at once, what waits for the way back, what training takes."""
