"""A deadlift lifter with known truth: movement, faults, bodies, cameras, pictures. No Django, no third-party mesh."""

from coaching.simulator.body import Body, InvalidBody
from coaching.simulator.camera import Camera, InvalidCamera
from coaching.simulator.clip import Truth, render_clip, render_frames, true_frames
from coaching.simulator.faults import FAULT_NAMES, Faults, InvalidFault
from coaching.simulator.film import Film, Take, film, unevenly
from coaching.simulator.joints import LANDMARK_NAMES, Joint
from coaching.simulator.lift import Lift, simulate, true_angles
from coaching.simulator.scene import Clothing, Scene
from coaching.simulator.spec import InvalidLift, LiftSpec, Tempo
from coaching.simulator.timeline import RepTempo, RepTimes
from coaching.simulator.track import truth_track
from coaching.simulator.writer import Encoding

__all__ = [
    "FAULT_NAMES",
    "LANDMARK_NAMES",
    "Body",
    "Camera",
    "Clothing",
    "Encoding",
    "Faults",
    "Film",
    "InvalidBody",
    "InvalidCamera",
    "InvalidFault",
    "InvalidLift",
    "Joint",
    "Lift",
    "LiftSpec",
    "RepTempo",
    "RepTimes",
    "Scene",
    "Take",
    "Tempo",
    "Truth",
    "film",
    "render_clip",
    "render_frames",
    "simulate",
    "true_angles",
    "true_frames",
    "truth_track",
    "unevenly",
]
