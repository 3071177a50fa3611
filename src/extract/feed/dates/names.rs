//! Words of dates → months, weekdays, and words that say nothing.
//!
//! A word names a month when it is the beginning, of three letters or more, of its name in one of the languages; the first language
//! in which it begins exactly one decides. Accents and case do not count.

/// What a word names of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// Nothing in it.
    Nothing,
    /// One of several.
    Unclear,
    /// The one in this place, from 0.
    Place(u32),
}

/// A word without case and accents, in place.
pub(super) struct Folded {
    bytes: [u8; 48],
    length: usize,
    letters: usize,
}

impl Folded {
    /// `None` for what is longer than any word of a date.
    pub(super) fn of(word: &str) -> Option<Self> {
        let mut folded = Self { bytes: [0; 48], length: 0, letters: 0 };
        for letter in word.chars().flat_map(char::to_lowercase).map(plain) {
            if ('\u{300}'..='\u{36f}').contains(&letter) {
                continue;
            }
            let end = folded.length + letter.len_utf8();
            letter.encode_utf8(folded.bytes.get_mut(folded.length..end)?);
            (folded.length, folded.letters) = (end, folded.letters + 1);
        }
        Some(folded)
    }

    /// Its letters.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    /// The month that it names, from 1.
    pub(super) fn month(&self) -> Option<u32> {
        if let Some((_, month)) = SHORT_MONTHS.iter().find(|(short, _)| *short == self.as_str()) {
            return Some(*month);
        }
        match self.place_in(MONTHS) {
            Named::Place(at) => Some(at + 1),
            Named::Nothing | Named::Unclear => None,
        }
    }

    /// The weekday that it names, from Monday.
    pub(super) fn weekday(&self) -> Named {
        if SHORT_WEEKDAYS.contains(&self.as_str()) {
            return Named::Unclear;
        }
        self.place_in(WEEKDAYS)
    }

    /// Whether it says nothing of when.
    pub(super) fn says_nothing(&self) -> bool {
        SAY_NOTHING.contains(&self.as_str())
    }

    /// Which of a language's names it begins.
    fn place_in(&self, languages: &[&str]) -> Named {
        let word = self.as_str();
        if self.letters < 3 {
            return Named::Nothing;
        }
        let mut is_some = false;
        for names in languages {
            let forms =
                || names.split(' ').zip(0_u32..).flat_map(|(forms, at)| forms.split('/').map(move |form| (form, at)));
            if let Some((_, at)) = forms().find(|(form, _)| *form == word) {
                return Named::Place(at);
            }
            let mut places = forms().filter(|(form, _)| form.starts_with(word)).map(|(_, at)| at);
            if let Some(at) = places.next() {
                is_some = true;
                if places.all(|other| other == at) {
                    return Named::Place(at);
                }
            }
        }
        if is_some { Named::Unclear } else { Named::Nothing }
    }
}

/// A letter without its accent.
fn plain(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' => 'd',
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì'..='ï' | 'ī' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ů' | 'ű' => 'u',
        'ý' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        'ё' => 'е',
        'ї' => 'і',
        'й' => 'и',
        other => other,
    }
}

/// Short forms that are no beginnings of their names, or of several.
const SHORT_MONTHS: &[(&str, u32)] =
    &[("mrt", 3), ("mrz", 3), ("agst", 8), ("cvn", 6), ("cvc", 7), ("jnr", 1), ("jly", 7), ("sept", 9), ("juil", 7)];

/// The months by language, a word each, its forms parted by slashes: English, German, French, Spanish, Italian, Portuguese, Dutch, Russian, Polish, Greek, Hungarian, Turkish,
/// Swedish, Danish and Norwegian, Czech, Romanian, Catalan, Ukrainian, Indonesian, Finnish.
const MONTHS: &[&str] = &[
    "january february march april may june july august september october november december",
    "januar/janner februar/feber marz/maerz april mai juni juli august september oktober november dezember",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "январь/января февраль/февраля март/марта апрель/апреля маи/мая июнь/июня июль/июля август/августа сентябрь/сентября октябрь/октября ноябрь/ноября декабрь/декабря",
    "styczen/stycznia luty/lutego marzec/marca kwiecien/kwietnia maj/maja czerwiec/czerwca lipiec/lipca sierpien/sierpnia wrzesien/wrzesnia pazdziernik/pazdziernika listopad/listopada grudzien/grudnia",
    "ιανουαριοσ/ιανουαριου φεβρουαριοσ/φεβρουαριου μαρτιοσ/μαρτιου απριλιοσ/απριλιου μαιοσ/μαιου ιουνιοσ/ιουνιου ιουλιοσ/ιουλιου αυγουστοσ/αυγουστου σεπτεμβριοσ/σεπτεμβριου οκτωβριοσ/οκτωβριου νοεμβριοσ/νοεμβριου δεκεμβριοσ/δεκεμβριου",
    "januar februar marcius aprilis majus junius julius augusztus szeptember oktober november december",
    "ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar marts april maj juni juli august september oktober november december/desember",
    "leden/ledna unor/unora brezen/brezna duben/dubna kveten/kvetna cerven/cervna cervenec/cervence srpen/srpna zari rijen/rijna listopad/listopadu prosinec/prosince",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "gener febrer marc abril maig juny juliol agost setembre octubre novembre desembre",
    "січень/січня лютии/лютого березень/березня квітень/квітня травень/травня червень/червня липень/липня серпень/серпня вересень/вересня жовтень/жовтня листопад/листопада грудень/грудня",
    "januari februari maret april mei juni juli agustus september oktober november desember",
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesakuuta heinakuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
];

/// Short weekdays, which only have to be passed over.
const SHORT_WEEKDAYS: &[&str] = &[
    "mo", "tu", "we", "th", "fr", "sa", "su", "di", "mi", "do", "so", "lu", "me", "je", "ve", "ma", "wo", "vr", "za",
    "zo", "пн", "вт", "ср", "чт", "пт", "сб", "вс", "нд", "pn", "wt", "sr", "czw", "pt", "nd", "sz", "cs", "pk", "pzt",
    "prs", "cmt", "crs", "ti", "ke", "to", "pe", "la", "po", "ut", "st", "ct", "pa", "ne", "dl", "dt", "dc", "dj",
    "dv", "ds", "dg",
];

/// The weekdays by language, as the months.
const WEEKDAYS: &[&str] = &[
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miercoles jueves viernes sabado domingo",
    "lunedi martedi mercoledi giovedi venerdi sabato domenica",
    "segunda terca quarta quinta sexta sabado domingo",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "понедельник вторник среда/среду четверг пятница/пятницу суббота/субботу воскресенье",
    "poniedzialek wtorek sroda/srode czwartek piatek sobota/sobote niedziela/niedziele",
    "δευτερα τριτη τεταρτη πεμπτη παρασκευη σαββατο κυριακη",
    "hetfo kedd szerda csutortok pentek szombat vasarnap",
    "pazartesi sali carsamba persembe cuma cumartesi pazar",
    "mandag tisdag onsdag torsdag fredag lordag sondag",
    "mandag tirsdag onsdag torsdag fredag lordag sondag",
    "pondeli utery streda ctvrtek patek sobota nedele",
    "luni marti miercuri joi vineri sambata duminica",
    "dilluns dimarts dimecres dijous divendres dissabte diumenge",
    "понеділок вівторок середа четвер пятниця субота неділя",
    "senin selasa rabu kamis jumat sabtu minggu",
    "maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai",
];

/// Words between the parts of a date: prepositions, articles, "o'clock", "year".
const SAY_NOTHING: &[&str] = &[
    "at",
    "on",
    "of",
    "the",
    "and",
    "o",
    "clock",
    "de",
    "del",
    "d",
    "den",
    "der",
    "dem",
    "am",
    "um",
    "uhr",
    "le",
    "la",
    "las",
    "los",
    "el",
    "il",
    "alle",
    "ore",
    "ora",
    "a",
    "as",
    "em",
    "en",
    "kl",
    "klo",
    "klokken",
    "klockan",
    "om",
    "op",
    "uur",
    "te",
    "г",
    "год",
    "года",
    "року",
    "р",
    "в",
    "у",
    "и",
    "r",
    "roku",
    "godz",
    "godzina",
    "dnia",
    "h",
    "hrs",
    "hr",
    "hs",
    "hora",
    "horas",
    "heure",
    "heures",
    "hod",
    "dne",
    "v",
    "feira",
    "date",
    "posted",
    "published",
    "updated",
    "created",
    "pubdate",
    "saat",
    "ωρα",
    "στισ",
    "του",
    "i",
    "y",
    "e",
    "et",
    "och",
    "og",
    "und",
    "min",
    "s",
    "sec",
    "pukul",
    "vers",
];
