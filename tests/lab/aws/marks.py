"""Texts to look for (`scripts/lab mark`): in the journal, a call made for an event that contains one is marked with it.

So it tells which calls a fault for the text could meet, without the events themselves, which are large and hold tokens.
"""

import threading

_lock = threading.Lock()
_texts = []


def add(text):
    """Mark calls from now on. ValueError for the empty text, which is in every event."""
    if not text:
        raise ValueError("a mark needs a text")
    with _lock:
        if text not in _texts:
            _texts.append(text)


def forget(text=None):
    """Forget all texts, or one."""
    with _lock:
        _texts[:] = [known for known in _texts if text is not None and known != text]


def found_in(event):
    """Which texts an event contains."""
    with _lock:
        return [text for text in _texts if text in event]
