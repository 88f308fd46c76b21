/** The text that prompts are cut from. Written for this project; says nothing that matters. */
export const PROSE = `
A river begins as rain. It falls on the high ground, where the soil is thin and the grass is short, and it does not
stay there long. Some of it sinks between the stones and comes out again further down as a spring, clear and cold in
every season. Some of it runs over the surface in small channels that a child could step across, and these meet, and
meet again, until the sound of them can be heard from the path. Nobody can say where the river starts. People put a
sign beside one of the springs because visitors like to stand at a beginning, but the water passes the sign without
stopping and there is more of it every hundred steps.

In the first valley the stream is quick and does most of its work. It carries sand and gravel, and in the spring it
carries stones as large as a loaf of bread. They knock against each other on the way, lose their corners, and become
round. A person who picks one up far below can tell from its colour which hill it came from. The banks here are steep
and the trees lean over the water, alder and willow, with their roots in the wet ground. Trout wait behind the larger
rocks, where the current is slow, and dart out when something to eat is carried past. An old bridge of three arches
crosses at the narrowest place. It was built by people who wanted to bring wool to the market without wetting it, and
it has been repaired so often that no one knows which of its stones are the first ones.

Below the bridge the valley opens. The stream has become a small river, and it begins to turn from side to side, as
rivers do when the ground is nearly flat. On the outside of each bend the water is deep and fast and cuts into the
bank; on the inside it is shallow and leaves what it was carrying, so that the bend slowly moves across the meadow. A
map that was drawn a hundred years ago shows the same river in other places. Farmers have learned to leave a strip of
ground beside it and to build their houses on the terrace above, where the floods do not reach. After heavy rain the
meadows are under water for a few days. When it goes back, it leaves a thin layer of mud, and in the following summer
the grass there is greener than anywhere else.

The first town lies where another river comes in from the north. There used to be mills on both banks, for flour and
for cloth, and the channels that fed them can still be followed through the gardens behind the houses. One of the
mills is a museum now, and on Sundays the wheel turns for the children. Another makes electricity for a few streets.
The weir beside it has a ladder for fish, a row of small pools, each a little higher than the one before, and in the
autumn there is usually somebody leaning on the rail to count the salmon as they jump. The market is held on the
square near the water on Wednesdays and Saturdays. It sells cheese from the hills and vegetables from the plain, and
in a good year the cherries come in June.

After the town the river is wide enough for boats. They used to be pulled by horses that walked along the bank, and
the path that was made for them is a path for walkers and cyclists today. It passes locks with small white houses,
rows of poplars, and long fields of wheat and beet. Herons stand in the shallow places and look as if they had been
there for ever. In the evening the light comes from the side and every wave has a shadow. A ferry still crosses at
one point, a flat boat on a cable that needs no motor because the current itself pushes it over. The ferryman says
that it takes six minutes in summer and four in spring, and that he has never been late, since nobody can cross
before he does.

The last part is slow. The river divides, joins, and divides again around islands of reed, and the water begins to
taste of salt. Twice a day the tide comes up and turns the current back, so that a branch that floated past in the
morning floats past again at noon, going the other way. The mud banks are covered with birds that walk and probe and
fly up together when a boat comes near. There is a harbour with cranes, and beyond it a lighthouse, painted red and
white, which has not been needed for many years and is kept because people like to see it. And then there is no far
bank any more. The water that fell on the hills two weeks ago goes out with the tide, a little of it rises into the
air above the warm sea, and the wind carries it back over the land toward the high ground.
`.trim();
