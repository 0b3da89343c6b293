"""The topics of the generated works: a name, a field and the terms its texts are written with.

Only this vocabulary belongs here; how sentences are made of it is `text`. The first block follows
the catalogue of critical technologies, so that queries over titles and abstracts find works; the
second block is ordinary science, so that most queries do not match every work.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """An OpenAlex-like field with the domain above it and its subfields below."""

    name: str
    domain: str
    subfields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: `terms` are phrases in lower case, most typical first."""

    name: str
    field: Field
    critical: bool
    terms: tuple[str, ...]


_FIELDS = {
    "ai": Field(
        "Computer Science",
        "Physical Sciences",
        ("Artificial Intelligence", "Computer Vision and Pattern Recognition"),
    ),
    "cs": Field(
        "Computer Science",
        "Physical Sciences",
        (
            "Computer Networks and Communications",
            "Information Systems",
            "Hardware and Architecture",
        ),
    ),
    "ee": Field(
        "Engineering",
        "Physical Sciences",
        ("Electrical and Electronic Engineering", "Control and Systems Engineering"),
    ),
    "en": Field(
        "Energy",
        "Physical Sciences",
        ("Renewable Energy, Sustainability and the Environment", "Nuclear Energy and Engineering"),
    ),
    "ma": Field(
        "Materials Science",
        "Physical Sciences",
        ("Materials Chemistry", "Ceramics and Composites", "Surfaces, Coatings and Films"),
    ),
    "me": Field(
        "Engineering",
        "Physical Sciences",
        ("Mechanical Engineering", "Aerospace Engineering", "Ocean Engineering"),
    ),
    "ph": Field(
        "Physics and Astronomy",
        "Physical Sciences",
        ("Atomic and Molecular Physics, and Optics", "Condensed Matter Physics"),
    ),
    "ch": Field(
        "Chemistry",
        "Physical Sciences",
        ("Organic Chemistry", "Physical and Theoretical Chemistry", "Spectroscopy"),
    ),
    "bi": Field(
        "Biochemistry, Genetics and Molecular Biology",
        "Life Sciences",
        ("Molecular Biology", "Genetics", "Biotechnology"),
    ),
    "ag": Field(
        "Agricultural and Biological Sciences",
        "Life Sciences",
        (
            "Plant Science",
            "Agronomy and Crop Science",
            "Ecology, Evolution, Behavior and Systematics",
        ),
    ),
    "hs": Field(
        "Medicine",
        "Health Sciences",
        ("Oncology", "Epidemiology", "Radiology, Nuclear Medicine and Imaging", "Surgery"),
    ),
    "ev": Field(
        "Environmental Science",
        "Physical Sciences",
        ("Global and Planetary Change", "Ecology", "Water Science and Technology"),
    ),
    "so": Field(
        "Social Sciences",
        "Social Sciences",
        ("Sociology and Political Science", "Education", "Economics and Econometrics"),
    ),
}

_CRITICAL = """
ee|Advanced Optical Communication|
  optical fiber communication; coherent transmission; free-space optical link; wavelength
  division multiplexing; optical amplifier; space division multiplexing
ee|Radio Frequency Communication|
  radio frequency; millimeter wave; massive MIMO; beamforming; 6G network; terahertz
  communication
me|Undersea Wireless Communication|
  underwater acoustic communication; underwater optical wireless; acoustic modem; doppler
  spread; subsea sensor network
cs|Distributed Ledgers|
  blockchain; distributed ledger; smart contract; consensus protocol; cryptocurrency; proof of
  stake
cs|High Performance Computing|
  high performance computing; supercomputer; parallel algorithm; exascale system; message
  passing interface; GPU cluster
cs|Mesh and Ad Hoc Networks|
  wireless mesh network; mobile ad hoc network; delay tolerant routing; mesh router;
  infrastructure independent network
cs|Cyber Security|
  cyber security; intrusion detection; malware analysis; zero trust architecture; vulnerability
  detection; threat intelligence
cs|Cloud and Edge Computing|
  cloud computing; edge computing; task offloading; serverless platform; fog node; virtual
  machine placement
cs|Digital Twins|
  digital twin; cyber-physical system; virtual commissioning; real-time synchronisation; asset
  monitoring
ai|Extended Reality|
  virtual reality; augmented reality; head-mounted display; mixed reality; immersive
  environment; haptic feedback
me|Additive Manufacturing|
  additive manufacturing; 3D printing; selective laser melting; powder bed fusion; lattice
  structure; melt pool
ma|Composite Materials|
  carbon fiber composite; polymer matrix composite; fiber reinforced laminate; delamination;
  interlaminar shear strength
ch|Energetic Materials|
  energetic material; explosive; propellant; detonation velocity; impact sensitivity;
  nitrogen-rich compound
ph|Magnets and Superconductors|
  superconductor; permanent magnet; critical current; rare earth magnet; flux pinning;
  high-temperature superconductivity
ma|Protective Materials|
  ballistic impact; body armor; blast protection; ceramic armor; penetration resistance
ma|Coatings|
  corrosion resistant coating; thermal barrier coating; thin film deposition; superhydrophobic
  surface; wear resistance
ch|Flow Chemistry|
  continuous flow synthesis; microreactor; flow chemistry; residence time; process
  intensification
ch|Critical Minerals|
  rare earth extraction; lithium recovery; critical mineral; solvent extraction;
  hydrometallurgy; leaching
me|Precision Machining|
  ultra-precision machining; surface roughness; tool wear; micro-milling; grinding process;
  chatter stability
ma|Nanomaterials|
  nanoparticle; carbon nanotube; graphene; nanostructure; quantum dot; nanocomposite; nanowire
ph|Metamaterials|
  metamaterial; metasurface; negative refraction; electromagnetic cloak; photonic crystal
ma|Smart Materials|
  shape memory alloy; self-healing polymer; piezoelectric actuator; hydrogel; electroactive
  polymer
ee|Wide Bandgap Semiconductors|
  gallium nitride; silicon carbide; wide bandgap semiconductor; gallium oxide; breakdown
  voltage; power device
ai|Hardware Accelerators|
  neural network accelerator; neuromorphic computing; in-memory computing; systolic array; model
  compression
ai|Data Analytics|
  big data; data mining; anomaly detection; time series forecasting; graph analytics; clustering
  algorithm
ee|Integrated Circuits|
  integrated circuit; CMOS technology; extreme ultraviolet lithography; FinFET; chip
  fabrication; analog-to-digital converter
ai|Adversarial Learning|
  adversarial example; adversarial attack; model robustness; data poisoning; backdoor attack;
  certified defence
ai|Machine Learning|
  machine learning; deep learning; neural network; reinforcement learning; federated learning;
  transfer learning; random forest
ai|Natural Language Processing|
  natural language processing; sentiment analysis; machine translation; named entity
  recognition; speech recognition; question answering
ai|Computer Vision|
  computer vision; object detection; semantic segmentation; image classification; convolutional
  neural network; pose estimation
ai|Generative Models|
  generative adversarial network; large language model; diffusion model; image synthesis;
  foundation model; text generation
bi|Biological Manufacturing|
  biomanufacturing; metabolic engineering; fermentation; bioreactor; recombinant protein;
  cell-free synthesis
bi|Genetic Engineering|
  gene editing; CRISPR-Cas9; genetic engineering; gene therapy; guide RNA; transgenic line
bi|Genome Sequencing|
  genome sequencing; single-cell transcriptomics; genome-wide association; variant calling;
  metagenomics; RNA sequencing
hs|Antibiotics and Antivirals|
  antibiotic resistance; antiviral drug; antimicrobial peptide; minimum inhibitory
  concentration; drug discovery
hs|Nuclear Medicine|
  radiotherapy; positron emission tomography; radiopharmaceutical; proton therapy; dose
  distribution
bi|Synthetic Biology|
  synthetic biology; genetic circuit; gene expression control; biosensor strain; minimal genome;
  directed evolution
hs|Vaccines|
  vaccine; mRNA vaccine; neutralising antibody; immunogenicity; adjuvant; medical countermeasure
hs|Brain-Computer Interfaces|
  brain-computer interface; electroencephalography; motor imagery; neural decoding; steady-state
  visual potential
hs|Neuroprosthetics|
  neuroprosthesis; cochlear implant; deep brain stimulation; neural electrode; prosthetic limb
me|Aircraft Engines|
  gas turbine engine; turbine blade; combustor; film cooling; compressor stall; turbofan
me|Robotics|
  robot manipulator; legged robot; soft robot; motion planning; humanoid robot; grasping
me|Autonomous Systems|
  autonomous vehicle; lane keeping; simultaneous localisation and mapping; trajectory tracking;
  decision making
me|Drones and Swarms|
  unmanned aerial vehicle; drone swarm; collaborative robot; formation control; multi-agent
  system; quadrotor
me|Hypersonics|
  hypersonic flow; scramjet; boundary layer transition; aerodynamic heating; reentry vehicle
me|Small Satellites|
  small satellite; CubeSat; attitude control; satellite constellation; on-board computer
me|Space Launch|
  launch vehicle; rocket engine; reusable booster; orbital insertion; liquid propellant
ag|Precision Agriculture|
  precision agriculture; crop monitoring; variable rate application; soil sensor; yield mapping;
  smart irrigation
en|Biofuels|
  biofuel; biodiesel; bioethanol; microalgae; biomass gasification; lignocellulose pretreatment
ph|Directed Energy|
  high-power laser; high-power microwave; fiber laser; laser damage threshold; beam combining
en|Electric Batteries|
  lithium-ion battery; solid electrolyte; cathode material; sodium-ion battery; state of charge;
  battery management
en|Hydrogen and Ammonia|
  hydrogen production; fuel cell; water electrolysis; hydrogen storage; ammonia combustion;
  electrocatalyst
en|Nuclear Energy|
  nuclear reactor; small modular reactor; fusion plasma; tokamak; neutron transport; fuel
  cladding
en|Nuclear Waste|
  nuclear waste; spent fuel reprocessing; radionuclide sorption; geological repository;
  vitrification
en|Photovoltaics|
  solar cell; perovskite; photovoltaic module; power conversion efficiency; silicon
  heterojunction; tandem cell
en|Supercapacitors|
  supercapacitor; specific capacitance; electrode material; porous carbon; pseudocapacitance
en|Grid Integration|
  smart grid; microgrid; demand response; grid-forming inverter; renewable integration; power
  flow
ev|Geoengineering|
  geoengineering; solar radiation management; carbon capture; ocean alkalinity; stratospheric
  aerosol
cs|Post-Quantum Cryptography|
  post-quantum cryptography; lattice-based cryptography; key encapsulation; code-based signature
ph|Quantum Communication|
  quantum key distribution; quantum communication; entangled photon; quantum repeater; quantum
  network
ph|Quantum Computing|
  quantum computing; qubit; quantum error correction; quantum algorithm; quantum annealing;
  trapped ion
ph|Quantum Sensors|
  quantum sensor; nitrogen-vacancy center; atom interferometer; quantum metrology; squeezed
  light
ph|Atomic Clocks|
  atomic clock; optical lattice clock; frequency stability; time transfer; frequency comb
ph|Gravimetry|
  gravimeter; gravity gradient; cold atom sensor; gravity anomaly; absolute gravity measurement
ee|Inertial Navigation|
  inertial navigation; gyroscope; accelerometer; inertial measurement unit; dead reckoning;
  Kalman filter
ee|Magnetic Sensors|
  magnetometer; magnetic field sensor; Hall effect; tunnel magnetoresistance; fluxgate
ee|Hyperspectral Imaging|
  hyperspectral imaging; multispectral image; spectral unmixing; remote sensing; band selection
ph|Photonic Sensors|
  photonic sensor; fiber Bragg grating; surface plasmon resonance; lidar; optical resonator
ee|Radar|
  radar; synthetic aperture radar; target detection; clutter suppression; waveform design;
  micro-Doppler
ee|Satellite Positioning|
  satellite positioning; GNSS receiver; BeiDou; multipath mitigation; precise point positioning
me|Sonar|
  sonar; hydrophone array; acoustic sensor; underwater target; direction of arrival;
  reverberation
me|Air-Independent Propulsion|
  air-independent propulsion; submarine; underwater power system; closed-cycle engine; metal
  hydride
me|Underwater Vehicles|
  autonomous underwater vehicle; underwater glider; remotely operated vehicle; path following;
  underwater robot
ee|Electronic Warfare|
  electronic warfare; jamming; signal interception; radar countermeasure; emitter identification
"""

_ORDINARY = """
ag|Forest and Plant Ecology|
  plant community; species richness; forest stand; seed dispersal; soil carbon; drought stress
ag|Crop Breeding|
  wheat cultivar; grain yield; quantitative trait locus; nitrogen fertiliser; rice production
ag|Food Science|
  phenolic compound; antioxidant activity; food quality; storage temperature; sensory evaluation
hs|Cancer Care|
  breast cancer; overall survival; chemotherapy; tumor recurrence; randomised trial; patient
  cohort
hs|Cardiovascular Medicine|
  heart failure; blood pressure; coronary artery disease; stroke; atrial fibrillation
hs|Public Health|
  health survey; risk factor; prevalence; cohort study; mental health; physical activity
hs|Surgery and Orthopaedics|
  surgical outcome; hip fracture; postoperative pain; knee arthroplasty; complication rate
bi|Cell Biology|
  protein kinase; signalling pathway; apoptosis; cell cycle; mitochondria; membrane receptor
bi|Neuroscience|
  synaptic plasticity; hippocampus; cortical neuron; memory consolidation; dopamine
ch|Organic Synthesis|
  palladium catalyst; asymmetric synthesis; cross-coupling; enantioselectivity; heterocycle
ch|Analytical Chemistry|
  liquid chromatography; mass spectrometry; detection limit; sample preparation; trace analysis
ev|Climate and Water|
  climate change; groundwater; precipitation; river basin; land use; sea level
ev|Air Pollution|
  particulate matter; air quality; ozone; aerosol; emission inventory; exposure assessment
ev|Conservation|
  protected area; biodiversity; habitat fragmentation; endangered species; ecosystem service
ma|Concrete and Structures|
  concrete; compressive strength; fly ash; steel frame; seismic performance; bridge
ph|Astrophysics|
  galaxy cluster; star formation; dark matter; gamma-ray burst; spectroscopic survey
ph|Particle Physics|
  cross section; Higgs boson; lattice gauge theory; neutrino oscillation; collider
me|Fluid Mechanics|
  turbulent flow; heat transfer; two-phase flow; large eddy simulation; vortex shedding
so|Education|
  teacher training; student achievement; curriculum; higher education; online learning
so|Economics|
  economic growth; labour market; monetary policy; foreign investment; income inequality
so|Management|
  supply chain; firm performance; innovation capability; corporate governance; consumer
  behaviour
so|Politics and Society|
  public policy; social network; migration; voter turnout; welfare state; urban planning
"""


def _parse(table: str, critical: bool) -> list[Topic]:
    """Read a table of `field|name|` lines, each followed by indented lines of terms."""
    blocks = table.strip().replace("\n  ", " ").splitlines()
    topics = []
    for block in blocks:
        field, name, terms = block.split("|")
        topics.append(Topic(name, _FIELDS[field], critical, tuple(terms.strip().split("; "))))
    return topics


TOPICS: tuple[Topic, ...] = (*_parse(_CRITICAL, True), *_parse(_ORDINARY, False))
