"""Words of which one says the contrary of the other, in English.

Not only contraries in a strict sense: of a client and a server, of "may" and "must", of "all" and
"some" a sentence can have the one where its passage has the other, and then says something else.
"""

from proxy.language.words import stem

_SIDES = """
before|after; above|below; over|under beneath; inside|outside; within|beyond; toward|away
more|less fewer; longer|shorter; larger bigger|smaller; higher|lower; slower|faster
better|worse poorer; best|worst; most|least fewest few; minimum|maximum; earlier|later
older|newer; wider|narrower; stronger|weaker; deeper|shallower; easier|harder; cheaper|dearer
thicker|thinner; heavier|lighter; long|short; large big|small tiny; high|low; fast quick|slow
early|late; old|new; wide|narrow; strong|weak; deep|shallow; easy|difficult hard
near close|far distant; essential necessary|unnecessary needless; simple|complex complicated
cheap|expensive; thick|thin; heavy|light; hot warm|cold cool; wet|dry; dark|bright; rich|poor
good|bad; rough|smooth; hard rigid stiff|soft flexible; full|empty
complete whole entire|incomplete partial; safe|dangerous; positive|negative
active|inactive passive; static|dynamic; temporary|permanent; public|private; local|remote global
internal|external; inner|outer; direct|indirect; explicit|implicit; absolute|relative
sequential serial|parallel; synchronous|asynchronous; analog analogue|digital; lossy|lossless
mutable|immutable; strict|lenient; optimistic|pessimistic; domestic|foreign; civil|criminal
urban|rural; male|female; odd|even; singular|plural; abstract concrete|general; leading|trailing
uppercase|lowercase; ascending|descending; horizontal|vertical
clockwise|counterclockwise anticlockwise; left|right; leftmost|rightmost; top|bottom
up upward|down downward; upper|lower; front|rear back; forward forwards|backward backwards
north|south; east|west; northern|southern; eastern|western; row|column; width|height depth
foreground|background; first|last second third; inflate|deflate
second|third fourth fifth; third|fourth fifth sixth
fourth|fifth; former|latter; previous|next; oldest|newest latest
all every everybody everyone everything|some most none few nobody; majority|minority
many several multiple|few single sole; double twice|triple halve half
both|neither either; always|never sometimes usually often occasionally rarely seldom
never|sometimes often usually; frequent often usual common regular|rare seldom occasional uncommon
only|also additionally
must shall required requires mandatory obliged compulsory obligatory necessary|may optional
voluntary|compulsory mandatory obligatory; should|may; can|must; required|forbidden
required mandatory|recommended suggested; certain definite|possible probable likely
enable activate|disable deactivate; include|exclude
allow permit|forbid prohibit refuse deny disallow; require|forbid prohibit allow permit
accept|refuse reject; approve|reject; confirm grant|deny; true|false; correct|incorrect wrong
valid|invalid; legal lawful|illegal unlawful; present|absent
increase rise grow gain|decrease fall shrink reduce drop decline loss; raise|lower
improve|worsen degrade; strengthen|weaken; accelerate|decelerate; lengthen deepen extend|shorten
widen|narrow; expand|contract; maximize maximise|minimize minimise; help|hinder; cause|prevent
start begin|stop end finish; open|close shut; on|off; add|remove delete subtract
insert append|delete remove; append|prepend; prefix|suffix; create|destroy delete; show|hide
visible|hidden invisible; attach|detach; connect|disconnect; lock|unlock; load|unload
install|uninstall remove; mount|unmount; push|pull pop; send|receive; write|read; upload|download
import|export; encrypt|decrypt; encode|decode; encoder|decoder; compress|decompress; input|output
source|destination target sink; sender|receiver recipient; client|server; caller|callee
parent|child; ancestor predecessor|descendant successor; upstream|downstream; superclass|subclass
producer|consumer; buyer|seller; employer|employee; lender|borrower
teacher instructor|student pupil; landlord|tenant; plaintiff|defendant; winner|loser; guest|host
succeed success successful|fail failure; win|lose; remember|forget
keep retain|discard delete remove; agree|disagree; same identical equal|different
similar|different; together jointly|separately; automatic|manual; online|offline
supervised|unsupervised; precision|recall; training|test testing
primary|standby secondary; overfit|underfit; encourage|discourage; trust|distrust; support|oppose
appoint elect|dismiss; advantage|disadvantage; sufficient|insufficient; presence|absence
dependent|independent; sync|async; day|night; summer|winter
hourly|daily weekly monthly yearly annually; daily|weekly monthly quarterly yearly annually
weekly|monthly quarterly yearly annually; monthly|quarterly yearly annually
quarterly|yearly annually; monday|tuesday wednesday thursday friday saturday sunday; january|july
red|green blue yellow; green|blue yellow; black|white; metal|plastic wood
rotation rotary|translation; convex|concave nonconvex; discrete|continuous; linear|nonlinear
stable|unstable; symmetric|asymmetric; numerator|denominator; profit|loss
profit|nonprofit; credit|debit; debtor|creditor; supply|demand; binding|voluntary
because|although despite; until|from since; deterministic|stochastic random nondeterministic
"""


def _by_stem(sides: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in sides.replace("\n", ";").split(";"):
        if not pair.strip():
            continue
        one, other = ({stem(word) for word in side.split()} for side in pair.split("|"))
        for these, those in ((one, other), (other, one)):
            for word in these - those:
                found.setdefault(word, set()).update(those - these)
    return {word: frozenset(others) for word, others in found.items()}


OPPOSITES = _by_stem(_SIDES)
"""By stem: the stems that say the contrary."""
