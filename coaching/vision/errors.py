"""Expected failures. Each has a stable code and one sentence for the person who filmed the clip."""

from __future__ import annotations


class PipelineError(Exception):
    """A clip that can't be analysed, for a reason its owner can act on. `detail` is for the log, never for the page."""

    code = "pipeline_error"
    advice = "The clip could not be analysed. Try another one."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail


class NotAVideo(PipelineError):
    code = "not_a_video"
    advice = "This file is not a video that can be read. Upload the original MP4, MOV or WebM from your phone."


class TruncatedVideo(PipelineError):
    code = "truncated"
    advice = "The file ends too early. Upload it again, and wait until the bar reaches 100 %."


class NoFrames(PipelineError):
    code = "no_frames"
    advice = "The file has no pictures in it. Check that it plays on your phone, then upload it again."


class TooLong(PipelineError):
    code = "too_long"
    advice = "The clip is longer than a set. Trim it to one set of at most five minutes and upload it again."


class TooShort(PipelineError):
    code = "too_short"
    advice = "The clip is shorter than one second. Film the whole repetition, from the floor and back."


class TooLarge(PipelineError):
    code = "too_large"
    advice = "The file is too large. Film one set in 720p or 1080p, or trim the clip."


class ResolutionTooHigh(PipelineError):
    code = "resolution_too_high"
    advice = "The picture is larger than 4K. Film in 720p or 1080p."


class FrameRateTooLow(PipelineError):
    code = "frame_rate_too_low"
    advice = "The clip has fewer than 10 pictures a second. Film at 30 or 60 frames a second."


class ModelMissing(PipelineError):
    code = "model_missing"
    advice = "A model file is missing on the server. Your clip is kept; ask the course staff to run the set-up."


class RunStopped(Exception):
    """The run was cancelled or taken over by another worker. Not a failure; nothing may be stored."""


class FileUnreadable(PipelineError):
    code = "unreadable"
    advice = "The file can't be opened. Check its name, and that you may read it."
