"""What the embedded PostgreSQL is told: small, on a socket only, and every commit on disk before it is answered."""

SETTINGS = {
    "listen_addresses": "",  # the socket only: nothing of this server is on any network
    "unix_socket_permissions": "0700",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "max_worker_processes": "2",
    "autovacuum_max_workers": "1",
    "io_method": "sync",
    "jit": "off",
    "fsync": "on",
    "log_destination": "stderr",
}
