"""Every threshold of the coach, in one versioned place.

Evidence grade behind each value: [L] literature, [C] coaching or competition rule, [MEAS] measured on labelled data
or on clips, [D] design default, to be calibrated. `bh` is body height (standing shoulder-to-floor height /
SHOULDER_HEIGHT_BH). Change a value together with VERSION: stored results name the version that judged them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

VERSION = "2026.3"


@dataclass(frozen=True, slots=True)
class SignalSettings:
    """How raw curves become smooth ones."""

    rate_hz: float = 50.0  # [D] one grid for 24-120 fps, so that every window below means the same time
    median_samples: int = 5  # [D] 0.1 s on the grid: removes single bad frames, keeps a 0.3 s concentric
    cutoff_hz: float = 4.0  # [L] the deadlift holds nothing above; zero-phase 2nd order Butterworth
    max_gap_s: float = 0.3  # [D] longer holes are not interpolated
    full_width: float = 0.4  # [D] share of the usual distance of left and right at which nobody is turning round
    exchange_s: float = 0.15  # [D] an exchange takes no longer from full width to full width, a turn on the feet does
    one_euro_min_cutoff_hz: float = 1.5  # [D] live only
    one_euro_beta: float = 0.3  # [D] live only


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """What must hold before anything is judged."""

    min_duration_s: float = 1.0  # [MEAS] a clip of 0.9 s produced the only false repetition of the first check
    min_detected: float = (
        0.93  # [MEAS] between first and last sight of the lifter; clips below lose the top of the lift
    )
    min_detected_any: float = 0.30  # [D] below: nobody is there
    min_hip_deg: float = 15.0  # [D] anatomically impossible below
    min_knee_deg: float = 25.0  # [D] anatomically impossible below
    max_bone_change: float = 0.25  # [D] a bone that changes by more from frame to frame is a tracking error
    max_speed_bh_s: float = 5.0  # [D] shoulders never move faster in a lift; above it is a cut or another person
    max_jump_bh: float = 0.16  # [D] least single-frame shoulder jump that counts as a cut
    min_cut_bh: float = 0.08  # [D] or this step of nearly the whole upper body, if it stays where it went
    min_cut_bh_s: float = 2.5  # [D] at no less than this speed: hips and head of a lifter are never that fast together
    min_cut_feet_bh: float = 0.03  # [D] and the feet by this, which stand on the floor while anybody lifts
    max_cuts_per_10s: float = 3.0  # [D] more cannot be one set
    max_shoulder_jitter_bh: float = (
        0.012  # [MEAS] SD of the shoulder height above 4 Hz; lost tracking is 2-5 times that
    )
    upside_down_deg: float = 120.0  # [D] median trunk angle from vertical of a turned film
    max_trunk_deg: float = 115.0  # [MEAS] deepest hinge of the clips 95; single frames beyond are tracking errors
    horizontal_deg: float = 60.0  # [D] trunk beyond this even in the most upright tenth: nobody stands
    max_hip_jitter_deg: float = 5.0  # [MEAS] above it hip and knee measures are not observable
    min_thigh_torso: float = 0.65  # [MEAS] 2-D thigh/torso at the top: .48-.51 behind a plate, .75-.79 free
    max_thigh_cv: float = 0.14  # [MEAS] thigh length variation: .16-.38 behind a plate, .08-.12 free


@dataclass(frozen=True, slots=True)
class RepSettings:
    """What counts as one repetition. Heights are fractions of the standing shoulder height above the floor."""

    min_shoulder_rise: float = 0.15  # [D] 12 % of body height: a hinge to the knee moves the shoulders by more
    relative_rise: float = 0.50  # [D] of the set's middle rise: smaller ones are fidgeting at the bar
    min_wrist_rise: float = 0.18  # [MEAS] floor pulls .40-.55, hinges to the knee from .22, rows and golf less
    max_wrist_bottom: float = 0.46  # [MEAS] hands at knee height are at .30-.36; at the hips .58-.66
    min_wrist_top: float = 0.42  # [MEAS] hands at the hips when upright: .55-.70
    max_wrist_top: float = 0.84  # [D] hands at the chest or above belong to a clean or a swing
    max_trunk_top_deg: float = 40.0  # [D] upright, with what a front view and a missing lockout add
    min_lockout_level: float = 0.80  # [D] of the set's own range; a rise that stops below is not a repetition
    # [D] torso height at the bottom over that at the top: a hinge of at least 23 deg, in any view
    max_torso_share: float = 0.92
    min_shoulder_low: float = 0.30  # [D] shoulders nearer to the floor belong to somebody who lies or kneels
    top_level: float = (
        0.88  # [MEAS] lockout is the middle of the time above this part of the rise: sure of its two ends
    )
    held_level: float = 0.96  # [D] pull and lowering end and begin here, within that time
    floor_level: float = 0.05  # [D] lift-off and floor: within 5 % of the wrist's travel
    live_wait_s: float = 0.12  # [D] live: from the end of a way up to the first look, and between the first looks
    live_counted_s: float = 1.0  # [D] live: the least time between looks at a way up that was counted
    live_window_s: float = 0.12  # [D] live: speed is measured over so long
    live_slow_s: float = 0.25  # [D] live: shoulders that rise by less than this share of their height a second
    max_step_bh: float = 0.30  # [D] feet that move further between bottom and top walk, they do not lift
    standing_level: float = 0.96  # [D] shoulders above it belong to somebody who stands straight
    standing_s: float = 0.3  # [D] least time of standing that gives a baseline
    max_bridge_s: float = 1.0  # [D] a rise across a longer hole was not seen


@dataclass(frozen=True, slots=True)
class HandSettings:
    """When hands hold nothing: see `hands`. SDs from one lift of a set to the next, heights and widths in standing
    shoulder heights; distances are squared and in SDs.

    The SDs are those of ten real sets in three views, rounded up: `python -m coaching.vision.evaluation.repeatability`.
    No lift of these is farther than 9.8 from its nearest.
    """

    grip: float = 0.007  # [MEAS] width of the grip at the top
    reach: float = 0.010  # [MEAS] how far beside the shoulders the hands are at the top
    height: float = 0.010  # [MEAS] of the hands at the top
    reach_side: float = 0.015  # [MEAS] in side view, where the far hand is a guess and a plate covers the near one
    height_side: float = 0.020  # [MEAS]
    elbow_deg: float = 4.0  # [MEAS]
    grip_half: float = 0.009  # [MEAS] half and three quarters up
    reach_half: float = 0.015  # [MEAS]
    hip_half: float = 0.025  # [MEAS]
    low_shoulder: float = 0.030  # [MEAS] at the lowest point: the first repetition starts lower than the others
    low_hip: float = 0.040  # [MEAS]
    low_hand: float = 0.025  # [MEAS]
    side_girdle: float = 0.12  # [D] apparent shoulder width of a side view
    same_girdle: float = 0.06  # [D] shoulder widths that differ by more are seen by another camera
    link: float = 12.0  # [MEAS] rises not farther from each other are alike
    restless: float = 3.0  # [D] or this many times the distance to the nearest, of the steadier third, where restless
    far: float = 36.0  # [MEAS] farther from every lift: another movement
    clear: float = 7.0  # [MEAS] hands at the top not farther from those before the set hang as before it
    same: float = 3.0  # [MEAS] nor farther than this: they hold what they held before it
    clear_sd: float = 3.0  # [D] of that distance
    size: float = 2.0  # [D] power of a family's size in its odds of being the one that holds the bar
    head_start: float = 5.0  # [D] odds for the family that comes first, where the hands before it were not seen
    trimmed_s: float = 0.4  # [D] a clip that goes on for less after the lifter is up was cut at a lockout
    standing_s: float = 0.15  # [D] least time of standing that shows how the hands hang
    stays_below: float = 2.0  # [D] times as long in the lowest quarter as on the way up: let go of the bar


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """Camera yaw bands (0 = lifter faces the camera) and the shoulder-width-to-torso ratio r of upright frames."""

    upright_percentile: float = 70.0  # [D] frames above it are upright
    # Yaw is the weighted mean of two estimates: the shoulders' depth in space, a guess of the model, and how narrow
    # they look in the picture (r = width / torso).
    depth_weight: float = 1.0 / 3.0  # [MEAS] simulator at 45 deg: depth says 29-41, the ratio 37-47
    full_ratio: float = 0.66  # [MEAS] r of shoulders seen square on: front clips .57-.71
    side_yaw_deg: float = 60.0  # [MEAS] side clips 61-88 by depth with r .04-.17
    front_yaw_deg: float = 30.0  # [MEAS] front clips 4-28 by depth with r .57-.66; oblique ones 46-55 with r .37-.50
    sigma_yaw_deg: float = 6.0  # [D]
    # [MEAS] an engine without depth: simulated lifters at 30-60 deg are missed by 12 deg (RMS), with depth by 9
    sigma_yaw_no_depth_deg: float = 8.0
    sagittal_yaw_deg: float = 40.0  # [D] sagittal measures from here on


@dataclass(frozen=True, slots=True)
class PhaseSettings:
    """Logistic of 'up' on the extension and its rate. That of one frame alone is in FrameSettings."""

    extension_mid: float = 0.5  # [D]
    extension_slope: float = 10.0  # [D] 0.85 extension -> .97
    rate_weight_s: float = 0.15  # [D] look-ahead: a rising bar at half way is a bit more 'up'
    live_up: float = 0.85  # [D] hysteresis of the live phase
    live_down: float = 0.30  # [D]


@dataclass(frozen=True, slots=True)
class Band:
    """Neutral band [low, high] of a two-sided measure and its least measurement SD, in the measure's unit."""

    low: float
    high: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Limit:
    """One-sided limit of a fault.

    At `limit` its probability is 0.5. `sigma` is the measurement SD from a good view.
    """

    limit: float
    sigma: float


@dataclass(frozen=True, slots=True)
class FormSettings:
    """Bands of stance and lean, limits of the faults."""

    # [MEAS] ankle/shoulder width: best on the labelled table is a plateau 0.65-0.70 to 1.40-1.50; within it the edges
    # nearest to the literature's conventional (from 0.60) and sumo (from 1.45) stance.
    stance: Band = Band(0.65, 1.45, 0.10)
    sumo_stance: Band = Band(1.30, 2.10, 0.10)  # [L] sumo 70 +-11 cm over shoulders of 40 cm
    hands_inside: float = 0.10  # [D] shoulder widths by which the knees are wider apart than the hands in sumo
    lean_deg: Band = Band(-5.0, 5.0, 2.0)  # [MEAS] 0.05 of the torso on 16:9 labels = 5.1 deg; SD of 2-D trunk [L] 1.7
    max_lean_yaw_deg: float = (
        42.0  # [MEAS] beyond it leaning back at the lockout looks like leaning aside: +3..+8 on correct lifts
    )
    forward_sd_deg: float = (
        4.0  # [D] spread of the trunk's forward angle at the top, which an oblique view mixes into the lean
    )
    oblique_sigma: float = 1.6  # [D] factor on every sigma when the view only partly shows the measure
    hips_first_deg: Limit = Limit(7.5, 3.0)  # [C] trunk tips 5 (warn) - 10 (fail) deg before the bar is a third up
    # [MEAS] bow of the back's outline in the first half of the pull, trunk lengths: owners' correct clips -.09..+.015,
    # rounded ones +.019..+.083, seven people in four places; rendered lifters -.05..-.02, at degree 0.5 +.04..+.10.
    # Printed by `coaching.training outlines`; the model card has the limit fitted on the other people each time.
    back_bow: Limit = Limit(0.020, 0.010)
    # [MEAS] head against trunk in the bent half: correct -4 (10-90 %: -20..+10), rounded +13..+25, in three sources
    rounding_deg: Limit = Limit(10.0, 8.0)
    rounding_change_deg: Limit = Limit(12.5, 4.0)  # [D] from the same set-up: warn 10, fail 15
    bar_drift_bh: Limit = Limit(0.041, 0.010)  # [C] 5 (warn) - 9 (fail) cm; correct clips stay within .03
    lockout_deg: Limit = Limit(162.0, 5.0)  # [C] IPF; never inside +-6 deg of the 168 that a locked knee measures [L]
    hyperextension_deg: Limit = Limit(10.0, 3.0)  # [C] lean-back 8 (warn) - 15 (fail) deg
    # [L] frontal plane projection angle; 2-D against 3-D is poor, so the SD is wide. [MEAS] simulator, with errors like
    # MediaPipe's: without it 97 of 100 below 3.8, at degree 0.5 and more half above 11
    knees_in: Limit = Limit(6.0, 3.0)
    asymmetry_deg: Limit = Limit(5.0, 1.8)  # [MEAS] likewise: without it 97 of 100 below 5.7, with it half above 6.9
    # [L] grip 55 +-10 cm (sumo 47 +-4) over shoulders of 38 cm: two SDs to each side. [MEAS] rows and sequences called
    # too narrow .6-.96, too wide 1.8-2.6, neither 1.2-2.05; four people of two sources
    grip: Band = Band(0.95, 1.90, 0.10)
    one_handle: float = 0.45  # [MEAS] hands on a kettlebell .41-.43; narrowest bar grip called a fault .58
    elbow_deg: Limit = Limit(152.0, 5.0)  # [MEAS] three people: arms called bent 116-149, the others from 155


@dataclass(frozen=True, slots=True)
class Ordinal:
    """Proportional odds on the features of a frame: P(class > k) = logistic(features . weights - edges[k])."""

    weights: tuple[float, ...]
    edges: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FrameSettings:
    """Single frames of landmark tables, see `frame_labels.FEATURES`. Printed by `coaching.training tables --fit`."""

    # [MEAS] simulator: 240 bodies and cameras; edges at 0.7 and 1.4 shoulder widths
    stance: Ordinal = Ordinal((9.68, 3.82), (-5.00, 4.14))
    # [MEAS] slope: simulator. Edges: those of lean_deg above, 5 deg; the simulator's own are 4.2
    lean: Ordinal = Ordinal((0.568,), (-2.84, 2.84))
    # [MEAS] hands over knees at 0.11 of the shoulder height: the three labelled tables
    phase: Ordinal = Ordinal((18.4,), (2.036,))
    # [MEAS] simulator: 400 bodies and cameras, half of them with rounded backs
    rounded: Ordinal = Ordinal((-11.73, -7.64, 7.36, 0.89), (0.84,))
    grip_sigma: float = 0.20  # [D] twice that of a whole repetition


@dataclass(frozen=True, slots=True)
class Strictness:
    """How sure the coach must be before a finding becomes words. Nothing that is measured depends on it.

    mean_p: mean probability over the repetitions that show the measure; one_p: or this sure in one of them; own_p:
    mean, where the set lies beyond the lifter's own best repetitions by more than the smallest detectable change.
    """

    mean_p: float
    one_p: float
    own_p: float


STRICTNESS_LEVELS = ("lenient", "standard", "strict")


@dataclass(frozen=True, slots=True)
class FeedbackSettings:
    """Which findings become words."""

    # [D] each level asks for less than the one before in all three, so that it tells at least the same
    lenient: Strictness = Strictness(0.80, 0.97, 0.65)
    standard: Strictness = Strictness(0.60, 0.90, 0.50)  # [D] at half: more likely there than not
    strict: Strictness = Strictness(0.50, 0.80, 0.40)  # [D] below a half only what is a change from the lifter's best
    praise_p: float = 0.60  # [D] that something is fine
    max_cues: int = 2  # [D] more are not remembered between two sets

    def level(self, name: str) -> Strictness:
        """One of STRICTNESS_LEVELS; ValueError for another name."""
        if name not in STRICTNESS_LEVELS:
            raise ValueError(f"unknown strictness {name!r}; known: {', '.join(STRICTNESS_LEVELS)}")
        found: Strictness = getattr(self, name)
        return found


@dataclass(frozen=True, slots=True)
class PersonalSettings:
    """A lifter's own repetitions as the measure, and what counts as a change between two films."""

    present_p: float = 0.50  # [D] a fault is there, or not, in a repetition
    best_p: float = 0.60  # [D] from this probability of correct on a repetition may be one of the best
    most_best: int = 10  # [D] the best so many make the reference
    min_best: int = 5  # [D] with fewer the reference says nothing
    min_set_reps: int = 2  # [D] with fewer a set has no middle to compare
    # [MEAS] simulator, 90 pairs of films of one technique a view: the part of a measure's stated SD that is common to a
    # whole film (camera, landmarks' offset) is 0-0.57, of knees_in 0.68
    film_share: float = 0.70
    z: float = 1.96  # [L] of the smallest detectable change: 95 %


@dataclass(frozen=True, slots=True)
class Settings:
    """The table. Every stage takes it as an argument, so that a study can pin or vary it."""

    version: str = VERSION
    shoulder_height_bh: float = 0.79  # [L] ankle joint to acromion, of stature
    signal: SignalSettings = field(default_factory=SignalSettings)
    quality: QualitySettings = field(default_factory=QualitySettings)
    reps: RepSettings = field(default_factory=RepSettings)
    hands: HandSettings = field(default_factory=HandSettings)
    view: ViewSettings = field(default_factory=ViewSettings)
    phases: PhaseSettings = field(default_factory=PhaseSettings)
    form: FormSettings = field(default_factory=FormSettings)
    frames: FrameSettings = field(default_factory=FrameSettings)
    feedback: FeedbackSettings = field(default_factory=FeedbackSettings)
    personal: PersonalSettings = field(default_factory=PersonalSettings)


DEFAULT = Settings()
