"""Words that people write for the signs of an e-mail address, against robots, in the languages that do so."""

from typing import Final

from pipeline.kernels.pii.cues import words_of

OWN_AT: Final = (
    "arroba|arrova|arobase|arobas|chiocciola|chiocciolina|apenstaartje|apestaartje|apestaart|klammeraffe"
    "|małpa|malpa|małpka"
    "|собака|собачка|равлик|zavináč|zavinac|kukac|snabel-?a|snabela"
    "|alfakrøll|krøllalfa|kuyruklu a|miukumauku|arond"
    "|παπάκι"
    "|маймунско а|кльомба|afna|majmunče|שטרודל|アットマーク|あっと|골뱅이|小老鼠|艾特"
    "|at the rate of|at the rate|at[- ]sign"
)
"""Names of the `@` that stand for hardly anything else between a name and a host."""
COMMON_ATS: Final = frozenset(
    words_of(
        """
    chiocciola chiocciolina małpa malpa małpka собака собачка равлик zavináč zavinac kukac παπάκι кльомба afna majmunče
    小老鼠 at_the_rate_of at_the_rate at_sign at-sign
    """
    )
)
"""Those that are words of any sentence too: animals, and how one says a price."""
OWN_AT_BEGINS: Final = (
    "arro[bv]a|aroba|arob|chioccio|apenstaa|apestaa|klammera|małp|malpa"
    "|соба[кч]|равлик|zavin|kukac|snabel|alfak|krøll"
    "|kuyruklu|miuku|arond|παπάκι|маймунско|кльомба|afna|majmun|שטרודל"
    "|アットマ|あっと|골뱅이|小老鼠|艾特|at the rate|at[- ]sign"
)
"""How they begin."""
AT: Final = (
    f"at|a t|ät|ätt|aet|et|chez|эт|ет|{OWN_AT}|affenschwanz|coadă de maimuță|a còng|a móc"
    "|a commercial|כרוכית|آت|ات|एट|แอท|アット|圈a"
)
"""All names of it; some are words that any sentence may have."""
DOT: Final = (
    "dot|d0t|d o t|pika|tačka|punkt|point|punto|ponto|punt|pont|punct"
    "|punktum|prik|kropka|точка|крапка|tečka|tecka|bodka"
    "|nokta|piste|punkts|taškas|točka|τελεία|נקודה|نقطة|نقطه|डॉट|ドット|どっと|점"
    "|닷|點|点|จุด|chấm|titik|period|full stop"
)
"""Names of the dot."""
COMMON_DOTS: Final = frozenset(words_of("point punto ponto punt pont prik piste period titik"))
"""Those that are words of any sentence too."""
COMMON_SUFFIXES: Final = frozenset(words_of("in is it to me at be so no my us am as de do se es la li al im id"))
"""Public suffixes that are words of any sentence too."""
OTHER: Final = (
    "underscore|unterstrich|guion bajo|guión bajo|guion|guión|tiret|hyphen|minus|bindestrich|podkreślnik|trattino"
)
"""Names of other signs in an address."""
FILLER: Final = (
    r"NO[-_]?SPAM|REMOVE[-_]?(?:THIS|ME)|REMOVE|SPAM(?:FREE|FILTER)|DELETE[-_]?THIS|ANTI[-_]?SPAM|ENTFERNEN|INVALID"
)
"""What is put into an address for people to take out again."""
MAIL: Final = words_of(
    """
    e-mail* email* mail* gmail contact* reach* write writes drop_me drop_us ping address inbox questions? inquir*
    enquir* courriel* mél écri* contacte* correo* escríb* escrib* contato* contacto* escrev* scriv* contatt* posta*
    indirizzo* schreib* kontakt* adresse* anschrift* stuur* schrijf* bereikbaar* napisz* pisz* adres* kontaktuj*
    poczt* napište* pište* skriv* kontakta* sähköposti* írj* iletişim* e-posta* yaz* scrie* почт* пиш* адрес* мыло
    емейл* имейл* имэйл* пошт* μήνυμα* γράψτε* דוא"ל* מייל* بريد* ایمیل* ईमेल* メール* 連絡*
    邮箱* 郵箱* 邮件* 信箱* 聯絡* 联系* 메일*
    อีเมล*
    """
)
"""What stands before an address."""
PROVIDERS: Final = frozenset(
    words_of(
        """
    gmail googlemail yahoo hotmail outlook live msn icloud me mac aol proton protonmail gmx web t-online mail yandex
    ya rambler bk inbox list qq 163 126 sina naver daum hanmail orange wanadoo free laposte sfr libero virgilio
    tiscali uol bol terra ig wp o2 onet interia seznam centrum ukr zoho fastmail tutanota rediffmail posteo freenet
    ziggo kpnmail
    """
    )
)
"""Hosts of mailboxes, without what stands behind the dot."""
NO_NAMES: Final = frozenset(
    words_of(
        """
    a an and are as at available be been bought but buy buys by call check click come deal deals details did do does
    down find for found from get go going got had has have he her here him his home i in info information is it join
    just know learn live look looked looking looks located me meet meeting more not now of off on online only open or
    order our out over read register registered saw see seen sell sells she shop shopping sign site sold speak start
    stay still stop store subscribe talk team that the them there they this those tickets today tonight up us visit
    was we website welcome were what where who with work worked working works you your
    """
    )
)
"""Words before " at " that are no one's name."""
