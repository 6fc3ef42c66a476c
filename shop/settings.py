"""Settings, read once from the environment. README.md explains each variable."""

import os
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from shop import env
from shop.databases import database_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_file(Path(env.text("ENV_FILE", str(BASE_DIR / ".env"))), required="ENV_FILE" in os.environ)

ENVIRONMENT = env.choice("ENVIRONMENT", "development", {"development", "production"})
PRODUCTION = ENVIRONMENT == "production"
SAMPLE_KEY = "only-for-development-and-never-for-a-shop-that-sells-anything"
SECRET_KEY = env.text("SECRET_KEY", None if PRODUCTION else SAMPLE_KEY)
DEBUG = env.flag("DEBUG", False)
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
PORT = env.number("PORT", 8000, least=1, most=65535)
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var")))
DATABASES: dict[str, Any] = {
    "default": database_settings(env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'shop.sqlite3'}"))
}

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG is on: it shows secrets to strangers. Unset it in production.")
    if SECRET_KEY == SAMPLE_KEY or len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
        raise ImproperlyConfigured("SECRET_KEY must be a random text of at least 50 characters of your own.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the shop's own host names, comma-separated, never *.")

INSTALLED_APPS = [
    "shop.ops.admin_app.ShopAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_countries",
    "django_htmx",
    "queue_table",
    "orders",
    "delivery",
    "shop.mails",
    "shop.catalogue",
    "shop.customers",
    "shop.cart",
    "shop.checkout",
    "shop.quotes",
    "shop.findable",
    "shop.ops",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "shop.ops.headers.own_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shop.ops.headers.CompressTexts",
    "csp.middleware.CSPMiddleware",
    "shop.ops.readable.without_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "shop.checkout.access.forget_orders_at_log_out",
    "shop.ops.idle.end_idle_staff_sessions",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shop.ops.acting.known_to_the_log",
]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.context_processors.shop",
                "shop.checkout.context_processors.delivery",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Partial indexes and constraints on MariaDB: queue_table.indexes has an answer of its own.
SILENCED_SYSTEM_CHECKS = ["models.W036", "models.W037"]

# The queue. One row of `order_queue` is one run of one task; the routes say which tasks a message becomes.
TASKS = {"default": {"BACKEND": "queue_table.backend.OrderQueueBackend", "QUEUES": []}}
QUEUE_ROUTES = {
    "quote.asked": ["shop.quotes.tasks.mail_quote_asked"],
    "quote.offered": ["shop.quotes.tasks.mail_quote_offered"],
    "quote.declined": ["shop.quotes.tasks.mail_quote_declined"],
    "order.placed": ["shop.aftersales.tasks.mail_order_placed"],
    "order.confirmed": [
        "shop.checkout.tasks.request_delivery",
        "orders.tasks.issue_invoice",
        "shop.aftersales.tasks.mail_order_paid",
    ],
    "order.cancelled": [
        "shop.catalogue.tasks.release_all_stock",
        "shop.checkout.tasks.give_back_every_voucher",
        "orders.tasks.stop_open_payments",
        "shop.aftersales.tasks.mail_order_cancelled",
    ],
    "order.expired": [
        "shop.catalogue.tasks.release_stock",
        "shop.checkout.tasks.give_back_voucher",
        "orders.tasks.stop_open_payments",
        "shop.aftersales.tasks.mail_order_expired",
    ],
    "payment.late": ["shop.checkout.tasks.settle_late_money"],
    "refund.requested": ["orders.tasks.send_refund"],
    "refund.done": ["shop.aftersales.tasks.mail_refund_done"],
    "goods.returned": ["shop.catalogue.tasks.take_back_stock"],
    "shipment.requested": ["delivery.tasks.book_shipment"],
    "shipment.dispatched": [
        "orders.tasks.note_dispatch",
        "orders.tasks.capture_payment",
        "shop.catalogue.tasks.ship_stock",
        "shop.aftersales.tasks.mail_order_dispatched",
    ],
    "return.opened": ["shop.aftersales.tasks.mind_receipts"],
    "return.answered": ["shop.aftersales.tasks.mail_return_answered"],
    "return.received": ["shop.aftersales.tasks.restock_return", "shop.aftersales.tasks.mail_return_received"],
    "return.ended": ["shop.aftersales.tasks.mind_receipts"],
    "purchase.withdrawn": ["shop.aftersales.tasks.mail_purchase_withdrawn"],
    "receipt.confirmed": ["orders.tasks.complete_order"],
}
QUEUE_DUTIES: dict[str, int | str] = {  # task: seconds between two runs, or when once a day, by TIME_ZONE's clock
    "orders.tasks.expire_unpaid_orders": 60,
    "orders.tasks.expire_quotes": 3600,
    "delivery.tasks.confirm_overdue_receipts": 3600,
    "shop.ops.tasks.check_invariants": "03:30",
    "queue_table.pruning.prune_finished_jobs": "04:00",
    "orders.tasks.prune_links": "04:10",
    "orders.tasks.forget_addresses": "04:15",
    "orders.tasks.prune_return_photos": "04:18",
    "shop.mails.tasks.prune_mails": "04:20",
    "orders.tasks.forget_callbacks": "04:30",
    "shop.cart.tasks.prune_carts": "04:40",
    "shop.ops.tasks.prune_sessions": "05:00",
}
QUEUE_LIMITS: dict[str, dict[str, Any]] = {}  # queue: {"rate": "2/s", "concurrency": 4}, or one of the two
QUEUE_LEASE_SECONDS = env.number("QUEUE_LEASE_SECONDS", 60, least=1, most=86400)
QUEUE_TIMEOUT_SECONDS = env.number("QUEUE_TIMEOUT_SECONDS", 3600, least=1, most=86400)
QUEUE_MEMORY_MB = env.number("QUEUE_MEMORY_MB", 1024, least=64, most=1048576)
QUEUE_PAYLOAD_BYTES = env.number("QUEUE_PAYLOAD_BYTES", 262144, least=1024, most=4194304)
QUEUE_KEEP_DAYS = env.number("QUEUE_KEEP_DAYS", 30, least=1, most=3650)
QUEUE_LATE_SECONDS = env.number("QUEUE_LATE_SECONDS", 600, least=1, most=86400)
METRICS_TOKEN = env.matching("METRICS_TOKEN", "", "|[!-~]{16,}", "a random text of at least 16 characters, or nothing")

# Selling.
SHOP_NAME = env.text("SHOP_NAME", "Lantern & Thread")
SHOP_URL = env.matching(
    "SHOP_URL",
    f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if PRODUCTION else f"http://localhost:{PORT}",
    r"https?://[^/\s?#]+",
    "the shop's own address without a slash at its end, such as https://shop.example",
)
SHOP_ADDRESS = env.items("SHOP_ADDRESS")
SHOP_TAX_NUMBER = env.text("SHOP_TAX_NUMBER", "")
SHOP_HOST = SHOP_URL.partition("://")[2].partition(":")[0]
SHOP_CURRENCY = env.matching("SHOP_CURRENCY", "GBP", "[A-Z]{3}", "a currency code of three capital letters")
# The country that pages speak of before the shopper names his own, and whether prices hold the tax already.
SHOP_COUNTRY = env.matching("SHOP_COUNTRY", "GB", "[A-Z]{2}", "a country code of two capital letters")
PRICES_INCLUDE_TAX = env.flag("PRICES_INCLUDE_TAX", True)
PAYMENT_GATEWAY = env.choice("PAYMENT_GATEWAY", "manual" if PRODUCTION else "sandbox", {"sandbox", "manual", "stripe"})
# Half an hour on a payment page, two weeks for a transfer.
PAYMENT_MINUTES = env.number("PAYMENT_MINUTES", 20160 if PAYMENT_GATEWAY == "manual" else 30, least=1, most=525600)
PAYMENT_CAPTURE = env.choice("PAYMENT_CAPTURE", "at_once", {"at_once", "on_dispatch"})
STRIPE_SECRET_KEY = env.matching("STRIPE_SECRET_KEY", "", "|[sr]k_[!-~]+", "a key that begins with sk_ or rk_")
STRIPE_WEBHOOK_SECRETS = env.items("STRIPE_WEBHOOK_SECRETS")  # two while one follows the other; none: nobody calls back
STRIPE_API_BASE = env.matching("STRIPE_API_BASE", "https://api.stripe.com", r"https?://[^/\s?#]+", "an address")
PAYMENT_INSTRUCTIONS = env.text("PAYMENT_INSTRUCTIONS", "")
QUOTE_DAYS = env.number("QUOTE_DAYS", 14, least=1, most=365)
ORDER_LINK_DAYS = env.number("ORDER_LINK_DAYS", 365, least=1, most=3650)
ORDER_ADDRESS_DAYS = env.number("ORDER_ADDRESS_DAYS", 180, least=1, most=3650)  # a card's payment is disputed in 120
DELIVERY_CARRIER = env.choice("DELIVERY_CARRIER", "manual" if PRODUCTION else "sandbox", {"sandbox", "manual"})
RECEIPT_DAYS = env.number("RECEIPT_DAYS", 10, least=1, most=365)
RETURN_DAYS = env.number("RETURN_DAYS", 14, least=1, most=365)
RETURN_PHOTO_DAYS = env.number("RETURN_PHOTO_DAYS", 180, least=30, most=3650)
if PRODUCTION and "sandbox" in {PAYMENT_GATEWAY, DELIVERY_CARRIER}:
    raise ImproperlyConfigured("PAYMENT_GATEWAY and DELIVERY_CARRIER can't be sandbox in production: nobody would pay.")
if PAYMENT_GATEWAY == "stripe" and not (STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS):
    raise ImproperlyConfigured("PAYMENT_GATEWAY=stripe needs STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS.")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "shop" / "locale"]
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "Europe/London")

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "shop" / "static"]
MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_HANDLERS = [
    "shop.catalogue.pictures.uploading.CappedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Nothing is cached in one process's memory, where another process would not see it change: the limits on log-in count
# over all of them. The table comes with a migration of shop.customers.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},  # room for a wave of guesses: a counter that is pushed out forgets
    }
}

# Accounts. The mail address is the log-in, and it is proved before the first one: an account is never needed to buy,
# so the proof stands in nobody's way, and without it a stranger could read the orders of somebody else's address.
# Shops that let people in at once must hide that part of the account until then; Shopify's ask for a code each time.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL, ACCOUNT_LOGOUT_REDIRECT_URL = "account_login", "account", "home"
ACCOUNT_ADAPTER = "shop.customers.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "shop.customers.account_forms.LoginForm",
    "signup": "shop.customers.account_forms.SignupForm",
    "reset_password": "shop.customers.account_forms.ResetPasswordForm",
    "reset_password_from_key": "shop.customers.account_forms.ResetPasswordKeyForm",
    "change_password": "shop.customers.account_forms.ChangePasswordForm",
    "add_email": "shop.customers.account_forms.AddEmailForm",
}
MFA_FORMS = {"add_webauthn": "shop.customers.account_forms.AddPasskeyForm"}
ACCOUNT_USER_DISPLAY = "shop.customers.identity.display_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = ACCOUNT_CHANGE_EMAIL = ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {  # added to allauth's own
    "order_find": "20/10m/ip",
    "voucher_guess": "30/10m/ip,10/10m/key",
    "quote_ask": "10/h/ip",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SHOP_URL.partition(":")[0]
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = SHOP_NAME
MFA_TOTP_TOLERANCE = 1  # one code before and after: a telephone's clock may be half a minute off
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
STAFF_SECOND_FACTOR = PRODUCTION
STAFF_IDLE_MINUTES = env.number("STAFF_IDLE_MINUTES", 60, least=1, most=1440)
# A proxy tells whose request it passes on; who is not behind one could tell anything.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("PROXIES", 1 if PRODUCTION else 0, least=0, most=9)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "shop.customers.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^readyz$"]  # asked by the machine itself, in plain http
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

DEVELOPER_EMAILS = env.items("DEVELOPER_EMAILS")
if not all(re.fullmatch(r"[^@\s]+@[^@\s]+", address) for address in DEVELOPER_EMAILS):
    raise ImproperlyConfigured("DEVELOPER_EMAILS must be e-mail addresses, comma-separated.")
ADMINS = [("developers", address) for address in DEVELOPER_EMAILS]
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", f"{SHOP_NAME} <shop@{SHOP_HOST}>")
SHOP_MAIL = parseaddr(DEFAULT_FROM_EMAIL)[1]  # whom pages name for questions
MAIL_KEEP_DAYS = env.number("MAIL_KEEP_DAYS", 30, least=3, most=3650)
EMAIL_HOST, EMAIL_PORT = env.text("EMAIL_HOST", "localhost"), env.number("EMAIL_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("EMAIL_USER", ""), env.text("EMAIL_PASSWORD", "")
EMAIL_SECURITY = env.choice("EMAIL_SECURITY", "none", {"none", "starttls", "tls"})
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 10  # seconds: a mail server that hangs must not hold up a page or the queue
EMAIL_BACKEND = f"django.core.mail.backends.{env.choice('EMAIL_DELIVERY', 'console', {'console', 'smtp'})}.EmailBackend"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {
        # The database is away: a mail for each request would say no more than /readyz does, and hold up the page.
        "no_503": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", 0) != 503,
        },
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "developers": {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR", "filters": ["no_503"]},
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "stripe": {"level": "WARNING"},  # else a line for each call and each answer
        # Anybody can send a wrong host name: a line in the log, and no mail.
        "django.security.DisallowedHost": {"handlers": ["stderr"], "propagate": False},
    },
    "root": {"handlers": ["stderr", "developers"], "level": "INFO"},
}
