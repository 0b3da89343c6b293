"""The countries of the generated works: size in 2005 and 2024, neighbourhood, names and cities.

Sizes are relative outputs outside China, chosen to look like the world's; they are not measured.
How countries work together is `profile`; what an institution looks like in JSON is `places`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A country as authors report it: `code` is ISO 3166-1 alpha-2, sizes are relative."""

    code: str
    name: str
    group: str
    names: str
    size_2005: float
    size_2024: float
    cities: tuple[str, ...]


# code|name|group|names|size 2005|size 2024|cities; China's share of the world is set in `profile`.
_TABLE = """
CN|China|asia|chinese|0|0|Beijing,Shanghai,Wuhan,Xi'an,Nanjing,Chengdu,Harbin,Guangzhou,Hefei,Tianjin
US|United States|america|english|34|23|Boston,Austin,Seattle,Denver,Atlanta,Columbus,Tucson,Madison
GB|United Kingdom|europe|english|6.6|4.5|Leeds,Bristol,Glasgow,Cardiff,Norwich,Exeter
DE|Germany|europe|german|6.6|4.1|Leipzig,Aachen,Bremen,Karlsruhe,Rostock,Ulm
FR|France|europe|french|4.7|2.3|Lyon,Grenoble,Toulouse,Nantes,Lille
IT|Italy|europe|italian|3.7|3.4|Torino,Bologna,Padova,Bari,Catania
JP|Japan|asia|japanese|9.2|3.1|Nagoya,Sendai,Sapporo,Fukuoka,Kobe
KR|South Korea|asia|korean|3.6|3.3|Daejeon,Busan,Suwon,Gwangju
IN|India|south|indian|3.2|9.2|Pune,Chennai,Kanpur,Jaipur,Kolkata,Nagpur
CA|Canada|america|english|4.0|2.4|Halifax,Calgary,Winnipeg,Hamilton,Regina
AU|Australia|oceania|english|2.7|2.4|Perth,Adelaide,Hobart,Brisbane,Newcastle
ES|Spain|europe|spanish|2.9|2.4|Sevilla,Valencia,Zaragoza,Oviedo
NL|Netherlands|europe|german|2.0|1.4|Utrecht,Eindhoven,Groningen
RU|Russia|post-soviet|slavic|2.3|2.2|Tomsk,Kazan,Samara,Perm,Novosibirsk
TW|Taiwan|asia|chinese|2.4|1.1|Taichung,Hsinchu,Tainan
BR|Brazil|latin|portuguese|1.8|2.1|Campinas,Recife,Curitiba,Manaus
SE|Sweden|europe|nordic|1.5|1.0|Lund,Umea,Linkoping
CH|Switzerland|europe|german|1.4|1.0|Basel,Bern,Lausanne
TR|Turkey|middle-east|turkish|1.5|1.8|Izmir,Konya,Bursa
PL|Poland|europe|slavic|1.5|1.6|Gdansk,Poznan,Lodz
BE|Belgium|europe|french|1.1|0.7|Ghent,Namur
IL|Israel|middle-east|hebrew|1.0|0.6|Haifa,Rehovot
DK|Denmark|europe|nordic|0.8|0.7|Aarhus,Odense
FI|Finland|europe|nordic|0.8|0.6|Oulu,Turku
AT|Austria|europe|german|0.8|0.6|Graz,Linz
GR|Greece|europe|greek|0.9|0.6|Patras,Ioannina
NO|Norway|europe|nordic|0.6|0.6|Bergen,Trondheim
SG|Singapore|asia|chinese|0.9|0.8|Jurong,Tampines
CZ|Czechia|europe|slavic|0.7|0.7|Brno,Olomouc
PT|Portugal|europe|portuguese|0.6|0.7|Braga,Aveiro
MX|Mexico|latin|spanish|0.8|0.7|Puebla,Monterrey
IR|Iran|middle-east|persian|0.7|2.5|Shiraz,Isfahan,Tabriz,Mashhad
NZ|New Zealand|oceania|english|0.6|0.5|Dunedin,Hamilton
HU|Hungary|europe|hungarian|0.5|0.3|Szeged,Debrecen
ZA|South Africa|africa|english|0.5|0.6|Durban,Pretoria
AR|Argentina|latin|spanish|0.5|0.3|Rosario,Cordoba
UA|Ukraine|post-soviet|slavic|0.6|0.6|Lviv,Kharkiv
IE|Ireland|europe|english|0.4|0.4|Cork,Galway
EG|Egypt|africa|arabic|0.4|1.1|Alexandria,Mansoura
RO|Romania|europe|romanian|0.4|0.6|Cluj,Iasi
TH|Thailand|asia|southeast|0.3|0.5|Chiang Mai,Khon Kaen
MY|Malaysia|asia|southeast|0.3|1.0|Penang,Johor
CL|Chile|latin|spanish|0.25|0.4|Valdivia,Temuco
PK|Pakistan|south|urdu|0.3|1.5|Lahore,Peshawar,Multan,Faisalabad
SA|Saudi Arabia|middle-east|arabic|0.25|1.7|Jeddah,Dammam,Riyadh
BY|Belarus|post-soviet|slavic|0.25|0.3|Minsk,Gomel
VN|Vietnam|asia|southeast|0.1|0.6|Hue,Da Nang
ID|Indonesia|asia|southeast|0.1|0.9|Bandung,Surabaya
BD|Bangladesh|south|urdu|0.1|0.5|Rajshahi,Sylhet
CO|Colombia|latin|spanish|0.12|0.3|Cali,Medellin
HR|Croatia|europe|slavic|0.2|0.2|Rijeka
RS|Serbia|europe|slavic|0.2|0.25|Nis
BG|Bulgaria|europe|slavic|0.2|0.15|Plovdiv
SK|Slovakia|europe|slavic|0.2|0.2|Kosice
SI|Slovenia|europe|slavic|0.2|0.15|Maribor
LT|Lithuania|europe|baltic|0.12|0.12|Kaunas
EE|Estonia|europe|baltic|0.1|0.1|Tartu
LV|Latvia|europe|baltic|0.06|0.08|Daugavpils
IS|Iceland|europe|nordic|0.04|0.04|Akureyri
LU|Luxembourg|europe|french|0.03|0.08|Esch
CY|Cyprus|europe|greek|0.04|0.08|Limassol
TN|Tunisia|africa|arabic|0.15|0.25|Sfax
MA|Morocco|africa|arabic|0.12|0.3|Fes
DZ|Algeria|africa|arabic|0.1|0.3|Oran
NG|Nigeria|africa|african|0.15|0.4|Ibadan
KE|Kenya|africa|african|0.06|0.1|Kisumu
GH|Ghana|africa|african|0.04|0.12|Kumasi
ET|Ethiopia|africa|african|0.03|0.15|Jimma
JO|Jordan|middle-east|arabic|0.1|0.25|Irbid
LB|Lebanon|middle-east|arabic|0.06|0.08|Tripoli
QA|Qatar|middle-east|arabic|0.03|0.2|Al Khor
AE|United Arab Emirates|middle-east|arabic|0.08|0.5|Sharjah
KW|Kuwait|middle-east|arabic|0.06|0.06|Salmiya
IQ|Iraq|middle-east|arabic|0.03|0.6|Basra,Mosul
LK|Sri Lanka|south|indian|0.04|0.1|Kandy
NP|Nepal|south|indian|0.03|0.08|Pokhara
PH|Philippines|asia|southeast|0.06|0.2|Cebu
KZ|Kazakhstan|post-soviet|slavic|0.05|0.2|Karaganda
UZ|Uzbekistan|post-soviet|slavic|0.04|0.15|Bukhara
GE|Georgia|post-soviet|caucasian|0.04|0.05|Kutaisi
AM|Armenia|post-soviet|caucasian|0.05|0.05|Gyumri
AZ|Azerbaijan|post-soviet|turkish|0.04|0.08|Ganja
PE|Peru|latin|spanish|0.04|0.2|Arequipa
EC|Ecuador|latin|spanish|0.03|0.15|Cuenca
CU|Cuba|latin|spanish|0.08|0.05|Santa Clara
UY|Uruguay|latin|spanish|0.05|0.06|Salto
"""


def _parse(line: str) -> Country:
    code, name, group, names, early, late, cities = line.split("|")
    return Country(code, name, group, names, float(early), float(late), tuple(cities.split(",")))


COUNTRIES: tuple[Country, ...] = tuple(_parse(line) for line in _TABLE.strip().splitlines())
CODES: tuple[str, ...] = tuple(country.code for country in COUNTRIES)

# OpenAlex gives these their own codes; counting folds them into China. Relative to China's cities.
FOLDED_COUNTRIES = (
    Country("HK", "Hong Kong", "asia", "chinese", 0, 0, ("Kowloon", "Sha Tin")),
    Country("MO", "Macau", "asia", "chinese", 0, 0, ("Taipa",)),
)
