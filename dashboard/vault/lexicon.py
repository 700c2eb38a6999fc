"""What the names of columns and their answers say, in English, French, German and Spanish."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

CONSENT_OUT: Final = (
    "unsubscribed|unsubscribe|unsub|opt out|opted out|optout|has opted out of email|"
    "do not contact|do not call|do not mail|do not email|do not sell|do not share|do not track|"
    "dont contact|dont call|dont profile|dont process|dont market|dont track|no contact|"
    "no marketing|no mailing|no email|no sms|suppressed|blacklisted|blocklisted|spam complaint|"
    "has opted out processing|has opted out profiling|should forget|forget this individual|"
    "block geolocation tracking|stop mailing|stop email|stop sms|portal unsubscribe|"
    "portal spam report|ccpa opt out|gpc|global privacy control|objection|objected|desabonne|"
    "desinscrit|opposition|refus|liste rouge|abgemeldet|widerspruch|widersprochen|werbesperre|"
    "keine werbung|baja|oposicion|no contactar|no molestar"
)
CONSENT_LIST: Final = (
    "email suppressions|suppressions|suppression list|unsub time|unsub campaign title|"
    "unsub campaign id|unsub reason|unsub reason other|unsubscribed at|unsubscribed on|"
    "unsubscribe date|unsubscribed date|unsubscribe time|opt out date|opted out at|"
    "opt out reason|optout date|date desinscription|date de desinscription|abmeldedatum|"
    "fecha de baja|consent withdrawn at|consent withdrawn on"
)
CONSENT_STATUS: Final = (
    "status by file name|consent status|marketing state|marketing status|"
    "subscription status|subscriber status|"
    "email status|sms status|email marketing status|privacy consent status|legal basis|"
    "hs legal basis|legal basis for processing contacts data|email marketing state|"
    "sms marketing state|opt in status|optin status|statut consentement|statut abonnement|"
    "einwilligungsstatus|newsletterstatus|newsletter status|estado de consentimiento|"
    "email marketing consent marketing state"
)
CONSENT_IN: Final = (
    "consent|consents|consented|opt in|opted in|optin|opt ins|newsletter|newsletters|gdpr|"
    "accepts marketing|accepts email marketing|accepts sms marketing|accepts whatsapp marketing|"
    "email marketing consent|sms marketing consent|marketing consent|marketing allowed|"
    "marketing permission|marketing permissions|permission|agreed to marketing|marketing agreed|"
    "subscribed|subscribe|is subscribed|email subscriber|rgpd|dsgvo|consentement|"
    "accord marketing|accepte marketing|abonne newsletter|inscrit newsletter|einwilligung|"
    "zustimmung|einverstanden|werbeeinwilligung|newsletter abonniert|consentimiento|autorizacion|"
    "acepta marketing|acepta publicidad|lopd|suscrito|boletin|lettre d information|"
    "lettre dinformation|infolettre|offres partenaires|communications commerciales|"
    "prospection commerciale|accepte la prospection|comunicaciones comerciales|"
    "acepta comunicaciones|publicidad|newsletter anmeldung|newsletteranmeldung|"
    "marketing emails|promotional emails|marketing communication|marketing communications|"
    "data processing basis|email permission|sms permission|werbeerlaubnis|datenschutz zugestimmt"
)
CONSENT_NEVER: Final = (
    "marketing contact status|timestamp|date|time|at|on|updated|source|method|version|campaign|"
    "opens|opened|clicks|clicked|sent|delivered|bounced|count|number|rate|ip|text|language|"
    "months|years|lawful basis note|opt in level|level|days|plan|type|fee|price|revenue"
)

ABOUT_PROFILING: Final = (
    "profile|profiling|process|processing|forget|forget this individual|segmentation|objection|"
    "objected|opposition|widerspruch|widersprochen|oposicion|profilage|traitement|profilbildung|"
    "verarbeitung|perfilado|tratamiento"
)
ABOUT_CHANNEL: Final = (
    "email|e mail|mail|mailing|emails|sms|mms|whatsapp|newsletter|newsletters|push|call|phone|"
    "telephone|fax|post|track|tracking|geolocation|unsubscribe|unsubscribed|unsub|subscribe|"
    "subscribed|subscription|subscriber|suppressions|suppression|spam report|spam complaint|"
    "status by file name|marketing information|desabonne|desinscrit|desinscription|abonne|"
    "abgemeldet|abmeldedatum|abonniert|newsletterstatus|baja|boletin|suscrito|liste rouge"
)
"""What consent is about; a column that speaks of profiling *and* a channel is about profiling."""

STAMP: Final = "date|time|timestamp|at|on|le|am|el"

YES: Final = "yes|y|true|t|1|x|on|oui|o|vrai|ja|j|wahr|si|sí|s|verdadero|ok"
NO: Final = "no|n|false|f|0|off|non|faux|nein|falsch|falso"
AGREED: Final = (
    "subscribed|opted in|opt in|optin|optedin|single opt in|double opt in|confirmed|"
    "confirmed opt in|granted|given|accepted|accept|accepts|agreed|consented|consent given|"
    "allowed|freely given consent from contact|abonne|inscrit|accepte|accorde|consenti|"
    "angemeldet|abonniert|zugestimmt|erteilt|einverstanden|suscrito|aceptado|concedido"
)
REFUSED: Final = (
    "unsubscribed|opted out|opt out|optout|optedout|withdrawn|revoked|refused|declined|denied|"
    "rejected|objected|blocked|suppressed|user suppressed|spam complaint|complained|"
    "do not contact|do not sell|dont process|dont profile|dont market|dont track|forget|redacted|"
    "desabonne|desinscrit|refuse|retire|oppose|abgemeldet|widerrufen|widersprochen|abgelehnt|"
    "verweigert|baja|rechazado|retirado|revocado|denegado"
)
NEITHER: Final = (
    "unknown|never subscribed|not subscribed|notsubscribed|non subscribed|nonsubscribed|pending|"
    "invalid|invalid email|hard bounce|soft bounce|bounced|cleaned|seen|not seen|notseen|"
    "not applicable|n/a|na|none|null|nan|not set|-|legitimate interest prospect/lead|"
    "legitimate interest existing customer|legitimate interest other|performance of a contract|"
    "not opted out|not unsubscribed|inconnu|unbekannt|desconocido"
)

NOT_A_PERSON: Final = (
    "golf handicap|health food|health food orders|organization name|account name|group id|"
    "health score|customer health|account health|health index|race distance|race time|party size|"
    "campaign name|store name|shop name|product name|brand name|company name|category name|"
    "plan name|segment name|channel name|page title|product title|job title|email opens|"
    "email clicks|emails opened|emails clicked|emails delivered|emails sent|email open rate|"
    "email click rate|number of emails|health and beauty|health beauty|beauty health|"
    "phone service|phone calls|phone plan|device type|credit limit|invalid email address|ip city|"
    "ip country|address country|address province|address state|address region|country code|"
    "province code|name of store|address changes|names|union jack"
)

SPECIAL: Final = (
    "religion|religious|halal|kosher|religious affiliation|faith|belief|beliefs|church|"
    "konfession|glaube|confession|culte|ethnicity|ethnic|ethnic group|ethnic origin|ethnie|"
    "ethnische herkunft|origine ethnique|origen etnico|etnia|race|rasse|raza|racial|caste|"
    "skin color|politics|political|political party|party|party membership|political opinion|"
    "partei|parti politique|partido|voting|vote|union|union member|trade union|union membership|"
    "gewerkschaft|syndicat|sindicato|sexual orientation|sexuality|sex life|orientation|"
    "orientation sexuelle|sexuelle orientierung|orientacion sexual|lgbt|lgbtq|health|"
    "health condition|medical|medical condition|diagnosis|diagnose|disease|disability|disabled|"
    "illness|patient|medication|prescription|allergy|allergies|pregnant|pregnancy|blood type|"
    "blood group|bmi|sante|maladie|handicap|grossesse|enceinte|allergie|gesundheit|krankheit|"
    "behinderung|schwanger|schwangerschaft|schwerbehindert|salud|enfermedad|discapacidad|"
    "embarazo|embarazada|alergia|genetic|genetics|dna|biometric|fingerprint|face id|genetique|"
    "biometrie|genetisch|biometrisch|genetico|biometrico|conviction|convictions|"
    "convictions count|criminal record|criminal|offense|offenses|casier judiciaire|vorstrafe|"
    "vorstrafen|antecedentes penales|military service|military status|wheelchair|"
    "wheelchair user|allergien|alergias|allergens|intolerance|intolerances|denomination|"
    "sexual preference|groupe sanguin|grupo sanguineo|blutgruppe|religionszugehorigkeit|"
    "schwerbehinderung|sindical|syndical|sante mentale|mental health|chronic condition|"
    "vaccination|impfung|vacuna|krankenkasse|pflegegrad|parteizugehorigkeit|"
    "gewerkschaftszugehorigkeit|muttersprachliche herkunft|pronouns"
)

SPECIAL_VALUES: Final = (
    "halal|kosher|casher|koscher|ramadan|hanukkah|bar mitzvah|communion|kommunion|prayer|bible|"
    "koran|quran|torah|rosary|christian|muslim|jewish|catholic|protestant|hindu|buddhist|sikh|"
    "prenatal|maternity|pregnancy|pregnant|fertility|ovulation|nursing bra|grossesse|maternite|"
    "schwangerschaft|umstandsmode|embarazo|premama|diabetic|diabetes|diabetique|diabetiker|"
    "insulin|glucose monitor|hearing aid|hearing aids|wheelchair|incontinence|inkontinenz|"
    "prosthesis|orthopedic|orthopaedic|mobility aid|prescription|chemotherapy|cancer|hiv|"
    "antidepressant|depression|dementia|asthma|epilepsy|addiction|rehab|pride|lgbt|lgbtq|lgbtqia|"
    "gay|lesbian|transgender|queer|trade union|union member|democrat|republican|socialist|"
    "conservative party|labour party|ex offender|convicted|parole|hijab|kippah|horgerat|"
    "horgerate|rollstuhl|audifono|silla de ruedas|fauteuil roulant|aide auditive"
)
"""Product names and labels that give protected facts away, whatever their column is called."""

CONSENT_STRING: Final = (
    "gpp|gpp string|gpp sid|tcf|tc string|tcf string|iab tcf|euconsent|euconsent v2|"
    "consent string|addtl consent"
)
"""Machine-written consent of web pages: not read here, and said so."""

AGE: Final = (
    "age|alter|edad|customer age|client age|member age|age years|age in years|"
    "alter in jahren|age du client|edad cliente"
)
"""An age in years: a trait, and what minors are known by."""

GROUP: Final = (
    "plan|tier|segment|channel|source|medium|region|country|state|province|county|status|category|"
    "type|kind|brand|product|department|industry|sector|currency|payment method|device|browser|os|"
    "operating system|platform|store|shop|branch|group|class|level|stage|membership|contract|"
    "market|campaign|frequency|season|size|color|language of product|interest|interests|service|"
    "subscription|rank|band|range|account type|pays|kanal|quelle|land|bundesland|kategorie|gruppe|"
    "kundengruppe|zahlungsart|marke|filiale|geschaft|tarif|stufe|canal|pais|categoria|grupo|"
    "marca|tienda|metodo de pago|categorie|groupe|marque|magasin|moyen de paiement|niveau|offre|"
    "formule|statut|departement|canton|kanton|provincia|comunidad autonoma"
)
"""What labels are called that customers share by what they buy or how they are reached."""

ANSWER: Final = (
    "member|membership|loyalty|loyalty card|active|aktiv|actif|activo|premium|vip|subscriber|"
    "trial|returned|repeat|gift|online|offline|mobile app|app|web|store|business|b2b|wholesale|"
    "customer|client|kunde|cliente|abonne|paperless|autopay|service|response|responded|"
    "accepted|churn|churned|complained|enabled"
)
"""What a yes or no is called that describes a customer."""

MONEY: Final = (
    "spend|spent|spending|amount|revenue|sales|price|paid|payment|payments|basket|ltv|clv|monetary|"
    "lifetime value|order value|umsatz|betrag|montant|depenses|importe|gasto|ventes|ventas"
)
ACTIVITY: Final = (
    "last order|last purchase|last visit|last activity|last active|last click|last seen|"
    "last session|last login|last transaction|last contacted|derniere commande|dernier achat|"
    "derniere visite|letzte bestellung|letzter kauf|letzter besuch|ultima compra|ultimo pedido|"
    "ultima visita|last order date|last purchase date"
)
"""When somebody last did something; opening an e-mail is not doing something (CNIL)."""

TOTALS: Final = "total|totals|grand total|sum|summe|gesamt|gesamtsumme|totaux|total général|suma"
"""What stands before the sums of a report, in the place of a customer's id."""

UNDONE: Final = (
    "canceled|cancelled|refunded|voided|returned|chargeback|storniert|erstattet|retourniert|annule|"
    "annulé|annulée|remboursé|remboursée|rembourse|cancelado|cancelada|anulado|reembolsado|devuelto"
)
"""What an order's state says when it came to nothing."""

PROXY: Final = (
    "poblacion|localidad|wohnort|localite|geburtsland|herkunftsland|pays de naissance|"
    "gender|genre|sex|sexe|sexo|genero|geschlecht|predicted gender|postcode|post code|"
    "postal code|zip|zip code|zipcode|zip4|plz|postleitzahl|code postal|codigo postal|cp|"
    "nationality|nationalite|nationalitat|nacionalidad|citizenship|staatsangehorigkeit|"
    "citoyennete|birthplace|place of birth|birth place|country of birth|lieu de naissance|"
    "geburtsort|lugar de nacimiento|language|preferred language|locale|langue|sprache|idioma|"
    "mother tongue|title|salutation|anrede|titel|civilite|tratamiento|honorific|name prefix|"
    "prefix|marital|marital status|civil status|familienstand|etat civil|situation familiale|"
    "estado civil|spouse|partner|dependents|dependants|children|number of children|num children|"
    "nb enfants|anzahl kinder|dependent count|children count|kids|enfants|kinder|hijos|diet|"
    "dietary|vegetarian|vegan|dietary preference|ernahrung|regime alimentaire|credit score|"
    "consumer credit score|schufa|fico|city|town|ville|stadt|ciudad|ort|commune|municipality|"
    "neighborhood|neighbourhood|quartier|barrio|mailing city|billing city|shipping city|"
    "default address city|kidhome|teenhome|income|household income|annual income|salary|einkommen|"
    "gehalt|haushaltseinkommen|revenu|salaire|ingresos|salario|wages"
)

ID_BEST: Final = (
    "customer id|customerid|clientnum|customernum|customer number|customer no|customer nr|"
    "customer code|customer key|user id|userid|client id|clientid|client number|member id|"
    "memberid|membership id|member number|contact id|contactid|person id|individual id|"
    "subscriber id|shopper id|household id|account id|account number|accountid|kundennummer|"
    "kunden nr|kundennr|kunden id|kundenid|numero client|numero de client|id client|no client|"
    "n client|n de client|no cliente|n cliente|no de cliente|mitgliedsnummer|numero de socio|"
    "code client|numero cliente|numero de cliente|id cliente|codigo cliente|klaviyo id|"
    "profile id|loyalty id|loyalty number|crm id|customer ref|customer reference|cust id|custid|"
    "customer"
)
ID_GOOD: Final = "id|uid|identifier|identifiant|kennung|identificador|euid|leid"
ID_OF_WHAT: Final = "pid|uuid|guid|key|record id"
"""Names of codes that don't say whether they number customers or what happens to them."""


PEOPLE: Final = (
    "customer|client|user|member|subscriber|account|person|patient|shopper|contact|kunde|kunden|"
    "kundin|mitglied|utilisateur|abonne|membre|cliente|usuario|socio"
)
"""Words that say that a unique code is a person's."""

EVENTS: Final = (
    "order|orders|invoice|invoices|booking|bookings|receipt|receipts|transaction|transactions|trx|"
    "ticket|tickets|session|sessions|payment|payments|shipment|shipments|basket|cart|event|events|"
    "visit|purchase|sale|deal|case|commande|facture|rechnung|bestellung|buchung|beleg|pedido|"
    "factura|reserva"
)
"""What happens to customers, many times to one: its numbers tell no customers apart."""

CODE_WORDS: Final = "no|nr|num|number|ref|reference|code|key|hash|nummer|numero"

EMAIL: Final = (
    "email|e mail|mail|email address|e mail address|receipt email|courriel|adresse email|"
    "adresse mail|correo|correo electronico|emailadresse|mailadresse|contact email|user email|"
    "customer email|work email|email hash|hashed email|email sha256|email md5"
)
IDENTIFIER: Final = (
    "name|first name|firstname|last name|lastname|full name|fullname|surname|given name|"
    "family name|middle name|maiden name|nickname|customer name|client name|contact name|"
    "display name|user name|username|login|handle|nom|prenom|nom complet|nom de famille|vorname|"
    "nachname|familienname|nombre|apellido|apellidos|nombre completo|phone|phone number|"
    "telephone|tel|mobile|mobile phone|mobile number|cell|cell phone|cellphone|fax|telefon|"
    "telefonnummer|handynummer|handy|telefono|movil|portable|whatsapp|whatsapp number|phone home|"
    "mobile phone number|address|address line|address 1|address 2|address1|address2|"
    "address line 1|address line 2|street|street address|mailing street|billing street|strasse|"
    "hausnummer|anschrift|adresse|adresse postale|rue|direccion|calle|default address|ip|"
    "ip address|ip signup|optin ip|confirm ip|adresse ip|latitude|longitude|lat|lng|lon|"
    "geolocation|gps|coordinates|lat long|lat lng|ssn|social security|social security number|"
    "national id|passport|passport number|tax id|vat number|iban|bic|card number|credit card|"
    "credit card number|license plate|driver license|numero securite sociale|steuernummer|dni|"
    "nie|nif|created by|modified by|contact owner|owner|"
    "middlename|maidenname|last4|card last4|numero dadherent|"
    "device id|cookie id|cookie|advertising id|idfa|gaid|gclid|fbclid|click id|"
    "google click id|facebook click id|session id|visitor id|order id|order number|"
    "invoice number|invoice id|transaction id|external id|twitter|instagram|facebook|linkedin|"
    "linkedin url|website|url|photo|picture|avatar|signature"
)
STRONG_IDENTIFIER: Final = (
    "phone number|mobile number|card number|account number|passport|iban|first name|last name|"
    "full name|ip address|email address|telephone number|social security"
)
FREE_TEXT: Final = (
    "note|notes|comment|comments|remark|remarks|description|feedback|message|messages|review|"
    "reviews|tags|bemerkung|bemerkungen|kommentar|notiz|notizen|commentaire|commentaires|"
    "remarque|observaciones|comentario|comentarios|notas|free text|memo"
)
BIRTH: Final = (
    "birth|birthday|birthdate|birth date|date of birth|dob|anniversaire|cumpleanos|"
    "birth year|year birth|year of birth|birthyear|individuals age|geburtsdatum|"
    "geburtstag|geburtsjahr|"
    "date de naissance|annee de naissance|"
    "naissance|fecha de nacimiento|nacimiento|ano de nacimiento"
)
METRIC: Final = (
    "bought|achete|gekauft|returns|return|refund|refunds|refunded|basket|aov|"
    "age|alter|edad|spend|spent|spending|amount|total|"
    "revenue|sales|value|price|cost|charges|charge|balance|score|index|rating|count|number|num|"
    "nb|qty|quantity|orders|order|purchases|purchase|visits|visit|sessions|clicks|opens|days|"
    "months|years|tenure|recency|frequency|monetary|ltv|clv|points|minutes|hours|usage|limit|"
    "payment|payments|rate|ratio|percent|pct|average|avg|mean|sum|min|max|discount|margin|profit|"
    "budget|km|distance|weight|umsatz|betrag|anzahl|summe|punkte|montant|"
    "nombre de|ventes|achats|depenses|importe|ventas|compras|gasto|monto|"
    "cantidad|mnt|amt|trx|k$|transactions|turnover|seats|logins|views|conversion|duration|mrr|arr|"
    "arpu|flow|net flow|tx|deposits|withdrawals|overdraft|bestellungen|bestellwert|warenkorb|"
    "kaufe|einkaufe|besuche|retouren|retourenquote|rabatt|tage|monate|jahre|kontostand|saldo|"
    "gewinn|marge|chiffre daffaires|chiffre d affaires|panier|commandes|visites|remise|jours|"
    "mois|solde|taux|quantite|pedidos|visitas|cesta|ticket medio|descuento|dias|meses|tasa"
)


_PLACE: Final = re.compile(r"^(?:(?:default|billing|shipping|mailing|home) address|mailing) (?=\w)")


def entries(words: str) -> frozenset[str]:
    """One of the lists above as a set, for whole values."""
    return frozenset(words.split("|"))


def spoken(header: str) -> tuple[str, ...]:
    """The ways to read a column name as words: split at capitals, and as it stands.

    ``HasOptedOutOfEmail`` reads as *has opted out of email*; *Accepts WhatsApp
    Marketing* is found in its second form, which capitals don't split.
    """
    plain = unicodedata.normalize("NFKD", header.replace("ß", "ss"))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = re.sub(r"['’]", "", plain)
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    forms = dict.fromkeys(
        " ".join(re.findall(r"[^\W_]+\$?", form.casefold())) for form in (split, plain)
    )
    return tuple(forms)


def phrases(words: str) -> re.Pattern[str]:
    """Compile one of the lists above, so that whole words only are found."""
    return re.compile(rf"(?<![^\s])(?:{words.replace('$', chr(92) + '$')})(?![^\s])")


def says(header: str, pattern: re.Pattern[str]) -> bool:
    """Whether a column name holds one of the phrases, in either way of reading it."""
    return any(pattern.search(form) for form in spoken(header))


def is_called(header: str, pattern: re.Pattern[str]) -> bool:
    """Whether a column name is one of the phrases and nothing more.

    Numbers at its end, units in brackets, and words that say only which address is
    meant, count for nothing.
    """
    headers = (header, re.sub(r"\([^)]*\)", " ", header))
    forms = tuple(_PLACE.sub("", form) for each in headers for form in spoken(each))
    bare = tuple(form.rstrip("0123456789 ") for form in forms)
    return any(pattern.fullmatch(form) for form in (*forms, *bare))
