"""Words of which one says the contrary of the other, in English.

Not only contraries in a strict sense: of a client and a server, of "may" and "must", of "all" and
"some" a sentence can have the one where its passage has the other, and then says something else.
"""

from proxy.language.words import stem

_SIDES = """
increase rise grow raise enhance elevate upregulate higher greater more larger bigger longer
 lengthen extend expand widen wider improve better promote strengthen stronger faster rapid quicker
 accelerate amplify deepen deeper heavier thicker easier
|decrease fall shrink reduce drop decline lower suppress diminish less fewer smaller shorter shorten
 contract narrow narrower worsen worse degrade inhibit weaken weaker slower delay decelerate
 attenuate shallower lighter thinner harder
; large big high long many several multiple frequent often much|small tiny low short
 few little rare rarely infrequent seldom occasional single sole
; good well excellent benefit advantage|bad poor poorly badly harm drawback disadvantage
; fast quick rapid|slow; best most|worst least fewest; maximum|minimum; maximize|minimize
before prior until|after following; previous|next; first|second|third|fourth|fifth|sixth
; first|last; oldest|newest latest; newer later|older earlier; early|late; former|latter
old|new; leading|trailing
; above|below; over|under beneath; inside within|outside beyond; toward|away; left|right
leftmost|rightmost; top|bottom; up upward|down downward; upper|lower; front|rear back
forward forwards|backward backwards; north|south; east|west; northern|southern; eastern|western
inner|outer; internal|external; horizontal|vertical; clockwise|counterclockwise anticlockwise
wide|narrow; strong|weak; deep|shallow; easy simple trivial|difficult hard complex complicated
near close|far distant; essential necessary required mandatory needed require|unnecessary needless
 dispensable optional
; cheap|expensive; thick|thin; heavy|light; hot warm|cold cool; wet|dry; dark|bright; rich|poor
rough|smooth; rigid stiff|soft flexible; full complete whole entire|empty incomplete partial
safe|dangerous unsafe; positive|negative; active|inactive passive; static|dynamic
temporary|permanent; public|private; local|remote global; direct|indirect; explicit|implicit
absolute|relative; sequential serial|parallel; synchronous sync|asynchronous async
analog analogue|digital; lossy|lossless; mutable|immutable; strict|lenient
optimistic|pessimistic; domestic|foreign; civil|criminal; urban|rural; male|female; odd|even
singular|plural; abstract|concrete; general|specific; uppercase|lowercase; ascending|descending
row|column; width|height|depth; foreground|background; inflate|deflate; convex|concave nonconvex
all every everybody everyone everything|some most|none few nobody; majority|minority
double twice|triple|half halve; both|neither either
always|often usually frequently|sometimes occasionally|never seldom rarely
must shall required mandatory obliged compulsory|may optional voluntary; should|may; can|must
required mandatory|recommended; certain definite|possible probable likely
required|forbidden prohibited; enable activate|disable deactivate; include|exclude
allow permit|forbid prohibit refuse deny disallow prevent; accept approve|refuse reject
confirm grant|deny; true|false; correct|incorrect wrong; valid|invalid; legal lawful|illegal
present|absent; presence|absence; help|hinder; cause|prevent; available|unavailable
start begin|stop end finish; open|close shut; on|off; add insert append|remove delete subtract
append|prepend; prefix|suffix; create|destroy delete; show visible|hide hidden invisible
attach|detach; connect|disconnect; lock|unlock; load|unload; install|uninstall remove
mount|unmount; push|pull|pop; send|receive; write|read; upload|download; import|export
encrypt|decrypt; encode|decode; encoder|decoder; compress|decompress; input|output
source|destination target sink; sender|receiver recipient; client|server; caller|callee
parent|child; ancestor predecessor|descendant successor; upstream|downstream
superclass|subclass; producer|consumer; buyer|seller; employer|employee; lender|borrower
teacher instructor|student pupil; landlord|tenant; plaintiff|defendant; winner|loser; guest|host
succeed success successful|fail failure; win|lose; remember|forget; gain|loss; profit|loss
keep retain remain preserve stay survive hold constant fixed unchanged untouched intact immutable
|change alter modify touch lose replace remove delete drop discard
; agree|disagree; same identical equal equivalent|different differ; similar|different
together jointly|separately; automatic|manual; online|offline; supervised|unsupervised
precision|recall; training|test testing|validation; primary|standby secondary; overfit|underfit
encourage|discourage; trust|distrust; support|oppose; appoint elect|dismiss
sufficient|insufficient; dependent depend|independent; day|night; summer|winter
hourly|daily|weekly|monthly|quarterly|yearly annually
monday|tuesday|wednesday|thursday|friday|saturday|sunday
red|green|blue|yellow; black|white; metal|plastic|wood; rotation rotary|translation
discrete|continuous; linear|nonlinear|quadratic|exponential|logarithmic|cubic; stable|unstable
symmetric|asymmetric; numerator|denominator; nonprofit|profit; credit|debit; debtor|creditor
supply|demand; because|although despite; from since|until; homozygous|heterozygous
deterministic|stochastic random nondeterministic; normal benign|malignant abnormal; acute|chronic
"""


def _by_stem(sides: str) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    contraries: dict[str, set[str]] = {}
    alike: dict[str, set[str]] = {}
    axes = sides.replace("\n ", " ").replace("\n|", "|").replace("\n", ";").split(";")
    for axis in filter(str.strip, axes):
        stems = [{stem(word) for word in side.split()} for side in axis.split("|")]
        for these in stems:
            others = set[str]().union(*(those for those in stems if those is not these))
            for word in these - others:
                contraries.setdefault(word, set()).update(others - these)
                alike.setdefault(word, set()).update(these - others)
    return (
        {word: frozenset(others) for word, others in contraries.items()},
        {word: frozenset(others - contraries[word]) for word, others in alike.items()},
    )


OPPOSITES, ALIKE = _by_stem(_SIDES)
"""By stem: the stems that say the contrary; those that do not, but have contraries in common."""
