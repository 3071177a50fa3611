//! URL → capture: politely, safely, within limits.
