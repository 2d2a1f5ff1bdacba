# --- Failures that are the agent's own -------------------------------------------------------------------------------

def refusal(error):
    """What the host is told of what this agent raised itself: (frame, body). None for an error of the program's."""
    if isinstance(error, TooLarge):
        return TOO_LARGE, struct.pack("<qq", error.size, State.max_payload)
    if isinstance(error, Missing):
        return FAILED, text("kernmantle:missing") + text(str(error)) + text(None) + b"\0"
    return None
