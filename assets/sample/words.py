"""The general vocabulary of the generated texts: sentence patterns and the words they take.

Only data. In a pattern `{t}` is a term of the work's topic, the other letters name the pools
below (`{b}` an adjective with its article), each ordered by how often its entries are to be used.
"""

TITLES = """
{a} {t} for {t} using {m}
On the {q} of {t} under {c}
{b} approach to {t} based on {m}
{m} for {t}: a case of {d}
Effects of {c} on the {q} of {t}
Towards {a} {t} in {d}
Investigation of {t} and {t} by {m}
{t} in {d}: {q} and {q}
A comparative study of {m} and {m} for {t}
Improving the {q} of {t} with {m}
{a} and {a} {t} through {m}
Role of {c} in {t}
Design and evaluation of {a} {t}
{q} of {t} for {d} applications
Recent advances in {t} for {d}
"""

SENTENCES = """
In this paper, we propose {b} method for {t} based on {m}.
The {q} of {t} has attracted increasing attention in recent years.
However, {t} remains a challenging problem because of its {a} {q}.
The results show that the {q} {v} by {n} compared with {m}.
Experiments on {d} demonstrate that the proposed method achieves {a} {q} and {q}.
We investigate the influence of {c} on the {q} of {t}.
This study aims to {i} the {q} of {t} in {d} under {c}.
It is found that {c} and {c} are the main factors that affect the {q}.
To address this issue, {b} model that combines {t} with {m} is developed.
Compared with {m}, the {q} of the {a} design {v} from {n} to {n}.
The {q} was measured by {m}, and the {q} was estimated at {n}.
These findings suggest that {t} is {b} candidate for {d}.
Our analysis reveals {b} relationship between {c} and the {q} of {t}.
Finally, the {a} performance of {t} is verified by {m} and {m}.
A total of {k} samples from {d} were analysed using {m}.
Among them, {k} showed {a} {q}, while the {q} of the rest {v} by {n}.
The {a} {q} can be attributed to {c}, which is consistent with {m}.
Here we report {a} {t} with a {q} of {n} at {c}.
With the rapid development of {t}, the demand for {a} {q} in {d} grows.
First, {m} is used to {i} the {q}; then {m} is applied to {t}.
We also discuss the limitations of {t} and the prospects for {d}.
Numerical simulations and {m} confirm the {a} behaviour of {t}.
The proposed {t} offers {a} {q}, {a} {q} and reduced {q}.
Although {t} is widely used in {d}, its {q} is limited by {c}.
In addition, the {q} is sensitive to {c} when {t} is {a}.
Significant differences were observed in the {q} between {d} and {d} (p < 0.05).
Conclusion: {t} may {i} the {q} of {d} in the presence of {c}.
Background: the association between {t} and {c} is poorly understood.
Methods: we carried out {m} on {k} records of {d} between 2003 and 2018.
This review summarises the progress in {t}, with emphasis on {c} and {m}.
Existing approaches rely on {m} and neglect {c}, which leads to {a} {q}.
By means of {m}, the {a} part of the {q} is separated from {c}.
The trade-off between {q} and {q} is formulated as {b} optimisation problem.
Moreover, {b} scheme is introduced so that {t} can be adapted to {c}.
The {q} of {t} depends on {c}, {c} and the {q} of {d}.
We show theoretically and experimentally that {m} {v} the {q} of {t} by {n}.
For {d}, the {q} reaches {n} without any loss of {q}.
The work provides {b} reference for the design of {t} in {d}.
Future work will extend {m} to {a} {t} and larger {d}.
Using data from {d}, this article examines how {c} shapes {t}.
"""

ADJECTIVES = """
novel efficient robust improved high significant low effective hybrid large-scale adaptive accurate
optimal dynamic nonlinear stable experimental strong promising simple general multi-objective
flexible real-time scalable reliable distributed comprehensive data-driven low-cost lightweight
complex theoretical uniform intelligent integrated sustainable superior statistical sensitive
long-term selective spatial thermal systematic local quantitative preliminary probabilistic
environmental hierarchical interpretable transparent anisotropic asymmetric autonomous broadband
compact continuous cooperative critical deterministic durable empirical fast feasible
high-resolution homogeneous inexpensive in-situ intermittent iterative latent macroscopic modular
moderate non-invasive numerical open-source parallel passive portable practical precise rapid
residual resilient reversible scarce secondary self-consistent sparse stochastic structural subtle
tunable two-dimensional unconventional unsupervised versatile weak
"""

QUANTITIES = """
performance;accuracy;efficiency;stability;cost;structure;quality;strength;
energy consumption;response;sensitivity;distribution;temperature;robustness;reliability;
complexity;yield;capacity;rate;error;growth;power;resolution;behaviour;lifetime;density;
latency;throughput;conductivity;bandwidth;activity;selectivity;variability;precision;
resistance;durability;phase;morphology;uncertainty;composition;concentration;detection rate;
convergence;signal-to-noise ratio;safety;scalability;coverage;dynamics;toughness;gain;
hardness;loss;stiffness;recall;diversity;lag;composition;surface area;dose;survival;
interference;fatigue life;porosity;viscosity;wavelength;attenuation;mobility;uptake;
compatibility;transparency;dispersion;permeability;linearity;drift;processing time;
memory footprint;failure probability;spectral efficiency;thermal conductivity;
mechanical strength;service life;mass transfer;turnover;calibration;agreement;heterogeneity
"""

METHODS = """
numerical simulation;finite element analysis;a calibration series;regression analysis;
X-ray diffraction;principal component analysis;Monte Carlo simulation;
scanning electron microscopy;a mixed effects model;dynamic programming;density functional theory;
discriminant analysis;field measurements;a survey;meta-analysis;Bayesian inference;
gas chromatography;spectroscopy;molecular dynamics;convex optimisation;
a control experiment;cross-validation;wavelet analysis;factor analysis;a systematic review;
impedance spectroscopy;response surface methodology;logistic regression;
computational fluid dynamics;model predictive control;multivariate analysis;
life cycle assessment;Fourier transform infrared spectroscopy;hierarchical clustering;
an extended Kalman filter;graph theory;quasi-Newton minimisation;thermogravimetric analysis;
atomic force microscopy;variational inference;time-frequency analysis;compressed sensing;
a finite difference scheme;structural equation modelling;polymerase chain reaction;
an interrupted time series;game theory;Raman spectroscopy;sensitivity analysis;
transmission electron microscopy;cyclic voltammetry;a randomised controlled trial;
panel data models;survival analysis;sol-gel synthesis;chemical vapour deposition;
hydrothermal synthesis;nuclear magnetic resonance;flow cytometry;semi-structured interviews;
stratified sampling;phase-field modelling;tensor decomposition;wind tunnel tests;
hardware-in-the-loop tests;mixed integer programming;ensemble averaging;
digital image correlation;kernel density estimation;path analysis;isotope tracing
"""

CONTEXTS = """
industrial systems;urban areas;public data sets;clinical practice;power systems;
harsh environments;the laboratory;wireless networks;mobile devices;large facilities;
coastal regions;transport networks;developing countries;biomedical applications;
aerospace structures;smart cities;health care;manufacturing lines;remote regions;
offshore platforms;consumer electronics;rural communities;three hospitals;benchmark problems;
tropical soils;defence applications;data centres;arid zones;open waters;high-altitude areas;
sensor networks;northern provinces;road vehicles;mountain catchments;low Earth orbit;
small enterprises;field trials;production plants;cold climates;water treatment plants;
electric vehicles;satellite images;simulated data;social media;education programmes;
food supply chains;underground mines;river deltas;polar stations;nuclear facilities;
building envelopes;railway bridges;crowded indoor spaces;island grids;pilot plants;
deep-sea sites;animal models;elderly patients;primary schools;emerging markets;harbour basins;
desert roads;greenhouses;regional airports
"""

CONDITIONS = """
temperature;noise;high pressure;limited data;uncertainty;external load;humidity;
boundary conditions;time delay;surface defects;initial conditions;climate variability;
measurement errors;strong coupling;impurities;heating rate;packet loss;channel fading;ageing;
stress concentration;magnetic field;electric field;particle size;varying speed;doping;
pH value;user mobility;residual stress;missing values;population density;solvent polarity;
class imbalance;solar irradiance;wind speed;interface states;grain boundaries;oxidation;
turbulence;data heterogeneity;seasonal change;salinity;cyclic loading;supply constraints;
energy prices;thermal expansion;crystal orientation;vibration;background radiation;
communication constraints;actuator faults;household income;moisture content;
nonuniform illumination;carrier density;annealing time;sampling frequency;policy incentives;
water depth;soil texture;cell density;reaction time;disorder;multipath propagation;strain rate
"""

VERBS = "increases decreases improves rises drops varies grows differs exceeds changes"
INFINITIVES = "improve evaluate predict reduce characterise enhance quantify explore assess control"

CONCEPTS = """
Computer science;Engineering;Physics;Chemistry;Biology;Medicine;Materials science;
Mathematics;Political science;Psychology;Business;Economics;Geography;Geology;
Environmental science;Artificial intelligence;Quantum mechanics;Biochemistry;Organic chemistry;
Telecommunications;Mechanical engineering;Electrical engineering;Optoelectronics;Nanotechnology;
Composite material;Algorithm;Statistics;Thermodynamics;Optics;Metallurgy;Ecology;Genetics;
Internal medicine;Pathology;Mathematical analysis;Operating system;Programming language;
Computer network;Law;Physical chemistry;Chemical engineering;Control (management);
Programming paradigm;Epistemology;Process (computing);Key (lock);Context (archaeology);
Set (abstract data type);Field (mathematics);Structural engineering;Aerospace engineering;
Reliability engineering;Embedded system;Acoustics
"""

HEADINGS = """
Humans;Animals;Algorithms;Male;Female;Adult;Middle Aged;Models, Theoretical;
Computer Simulation;Risk Factors;Treatment Outcome;Temperature;Kinetics;Mice;Cell Line;
Reproducibility of Results;Sensitivity and Specificity;Signal Processing, Computer-Assisted;
Young Adult;Molecular Structure;Biosensing Techniques;Equipment Design;
Neural Networks, Computer;Nanoparticles;Surface Properties
"""

QUALIFIERS = "methods metabolism genetics chemistry physiology therapeutic-use instrumentation"

JOURNALS = """
Annals of {};Journal of {} Research;{} Letters;International Journal of {};Advances in {};
Transactions on {};{} and Applications;Proceedings of the Conference on {}
"""


def phrases(table: str) -> tuple[str, ...]:
    """Split a table of phrases at its semicolons."""
    return tuple(phrase for part in table.split(";") if (phrase := " ".join(part.split())))


def lines(table: str) -> tuple[str, ...]:
    """Split a table of one entry a line."""
    return tuple(table.strip().splitlines())
