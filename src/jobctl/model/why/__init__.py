"""Why a job waits, or why it failed, in words: from what is known about it, without looking at anything.

`facts` is what somebody found out and what is answered, `waiting` explains jobs that have not ended, `ended` those that
have; `explain` is the way in.
"""
