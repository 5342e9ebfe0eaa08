"""Which events a bot may subscribe to, and which scopes each needs (one of them is enough).

From Slack's Events API reference. The reference spells the scope of `app_mention` with a dot; the scope itself is
`app_mentions:read`.
"""

_NONE = """
    app_home_opened app_installed app_requested app_uninstalled assistant_thread_context_changed
    assistant_thread_started channel_id_changed entity_comments_requested entity_details_requested function_executed
    grid_migration_finished grid_migration_started message.app_home shared_channel_invite_accepted
    shared_channel_invite_approved shared_channel_invite_declined shared_channel_invite_received
    shared_channel_invite_requested team_access_granted team_access_revoked tokens_revoked
"""

_ONE_SCOPE = {
    "agent_session_stopped agent_session_title_changed": "chat:write",
    "app_context_changed": "assistant:write",
    "app_deleted app_uninstalled_team": "admin.apps:read",
    "app_mention": "app_mentions:read",
    "channel_archive channel_created channel_deleted channel_left channel_rename channel_unarchive": "channels:read",
    "dnd_updated dnd_updated_user": "dnd:read",
    "email_domain_changed team_domain_change team_rename": "team:read",
    "emoji_changed": "emoji:read",
    "file_change file_comment_added file_comment_deleted file_comment_edited file_created": "files:read",
    "file_deleted file_public file_shared file_unshared": "files:read",
    "group_archive group_close group_deleted group_left group_open group_rename group_unarchive": "groups:read",
    "group_history_changed message.groups": "groups:history",
    "im_close im_created im_open": "im:read",
    "im_history_changed message.im": "im:history",
    "invite_requested": "admin.invites:read",
    "link_shared": "links:read",
    "message.channels": "channels:history",
    "message.mpim": "mpim:history",
    "message_metadata_deleted message_metadata_posted message_metadata_updated": "metadata.message:read",
    "pin_added pin_removed": "pins:read",
    "reaction_added reaction_removed": "reactions:read",
    "star_added star_removed": "stars:read",
    "subteam_created subteam_members_changed subteam_updated": "usergroups:read",
    "subteam_self_added subteam_self_removed": "usergroups:read",
    "team_join user_change user_status_changed user_profile_changed": "users:read",
}

_SEVERAL = {
    "channel_history_changed": ("channels:history", "groups:history", "mpim:history"),
    "channel_shared": ("channels:read", "groups:read"),
    "channel_unshared": ("channels:read", "groups:read"),
    "member_joined_channel": ("channels:read", "groups:read", "mpim:read"),
    "member_left_channel": ("channels:read", "groups:read"),
}

EVENT_SCOPES: dict[str, frozenset[str]] = (
    {name: frozenset() for name in _NONE.split()}
    | {name: frozenset({scope}) for names, scope in _ONE_SCOPE.items() for name in names.split()}
    | {name: frozenset(scopes) for name, scopes in _SEVERAL.items()}
)
"""Event name → the scopes of which one is needed; empty where none is."""
