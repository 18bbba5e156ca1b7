// The tables as diesel sees them; `tests/integration/schema.rs` compares them with the live database.

diesel::table! {
    departments (id) {
        id -> Unsigned<BigInt>,
        parent_id -> Nullable<Unsigned<BigInt>>,
        name -> Varchar,
        path -> Varchar,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
    }
}

diesel::table! {
    roles (id) {
        id -> Unsigned<BigInt>,
        code -> Varchar,
        name -> Varchar,
        description -> Varchar,
        builtin -> Bool,
        data_scope -> Varchar,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
    }
}

diesel::table! {
    role_permissions (role_id, permission) {
        role_id -> Unsigned<BigInt>,
        permission -> Varchar,
    }
}

diesel::table! {
    users (id) {
        id -> Unsigned<BigInt>,
        username -> Varchar,
        name -> Varchar,
        email -> Nullable<Varchar>,
        language -> Nullable<Varchar>,
        department_id -> Nullable<Unsigned<BigInt>>,
        password_hash -> Varchar,
        password_changed_at -> Datetime,
        must_change_password -> Bool,
        disabled_at -> Nullable<Datetime>,
        deleted_at -> Nullable<Datetime>,
        last_signed_in_at -> Nullable<Datetime>,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
        live_username -> Nullable<Varchar>,
    }
}

diesel::table! {
    user_roles (user_id, role_id) {
        user_id -> Unsigned<BigInt>,
        role_id -> Unsigned<BigInt>,
    }
}

diesel::table! {
    user_preferences (user_id, name) {
        user_id -> Unsigned<BigInt>,
        name -> Varchar,
        value -> Text,
        updated_at -> Datetime,
    }
}

diesel::table! {
    sessions (id) {
        id -> Unsigned<BigInt>,
        key_hash -> Char,
        user_id -> Unsigned<BigInt>,
        remembered -> Bool,
        address -> Varchar,
        user_agent -> Varchar,
        created_at -> Datetime,
        last_seen_at -> Datetime,
        expires_at -> Datetime,
    }
}

diesel::table! {
    sign_ins (id) {
        id -> Unsigned<BigInt>,
        at -> Datetime,
        username -> Varchar,
        user_id -> Nullable<Unsigned<BigInt>>,
        department_path -> Nullable<Varchar>,
        outcome -> Varchar,
        address -> Varchar,
        user_agent -> Varchar,
        request_id -> Varchar,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> Unsigned<BigInt>,
        at -> Datetime,
        actor_id -> Nullable<Unsigned<BigInt>>,
        actor_username -> Varchar,
        actor_name -> Varchar,
        source -> Varchar,
        address -> Varchar,
        request_id -> Varchar,
        action -> Varchar,
        subject_kind -> Varchar,
        subject_id -> Nullable<Unsigned<BigInt>>,
        subject_label -> Varchar,
        department_path -> Nullable<Varchar>,
        changes -> Json,
        reason -> Nullable<Varchar>,
        batch_id -> Nullable<Unsigned<BigInt>>,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> Unsigned<BigInt>,
        user_id -> Unsigned<BigInt>,
        name -> Varchar,
        token_hash -> Char,
        hint -> Varchar,
        permissions -> Json,
        created_at -> Datetime,
        expires_at -> Datetime,
        last_used_at -> Nullable<Datetime>,
        revoked_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    idempotency_keys (user_id, idempotency_key) {
        user_id -> Unsigned<BigInt>,
        idempotency_key -> Varchar,
        request_hash -> Char,
        status -> Unsigned<Smallint>,
        body -> Mediumtext,
        created_at -> Datetime,
    }
}

diesel::table! {
    rate_counters (bucket, window_start) {
        bucket -> Varchar,
        window_start -> Datetime,
        hits -> Unsigned<Integer>,
    }
}

diesel::joinable!(users -> departments (department_id));
diesel::joinable!(user_roles -> users (user_id));
diesel::joinable!(user_roles -> roles (role_id));
diesel::joinable!(role_permissions -> roles (role_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(api_tokens -> users (user_id));
diesel::joinable!(tasks -> users (user_id));

// Pairwise only where joined: all pairs of all tables would cost half a minute of every clean build.
diesel::allow_tables_to_appear_in_same_query!(
    users,
    departments,
    user_roles,
    roles,
    role_permissions,
    sessions
);
diesel::allow_tables_to_appear_in_same_query!(api_tokens, users);
diesel::allow_tables_to_appear_in_same_query!(tasks, users);
diesel::allow_tables_to_appear_in_same_query!(tasks, departments);

diesel::table! {
    settings (id) {
        id -> Unsigned<BigInt>,
        setting_key -> Varchar,
        value -> Nullable<Text>,
        reason -> Nullable<Varchar>,
        version -> Unsigned<Integer>,
        updated_by -> Nullable<Unsigned<BigInt>>,
        updated_at -> Datetime,
    }
}

diesel::joinable!(settings -> users (updated_by));
diesel::allow_tables_to_appear_in_same_query!(settings, users);

diesel::table! {
    files (id) {
        id -> Unsigned<BigInt>,
        store_key -> Varchar,
        name -> Varchar,
        media_type -> Varchar,
        size -> Unsigned<BigInt>,
        sha256 -> Nullable<Varchar>,
        subject_kind -> Varchar,
        subject_id -> Unsigned<BigInt>,
        created_by -> Nullable<Unsigned<BigInt>>,
        created_at -> Datetime,
        stored_at -> Nullable<Datetime>,
        deleted_at -> Nullable<Datetime>,
        deleted_by -> Nullable<Unsigned<BigInt>>,
        live_sha256 -> Nullable<Varchar>,
    }
}

diesel::table! {
    tasks (id) {
        id -> Unsigned<BigInt>,
        kind -> Varchar,
        label -> Varchar,
        user_id -> Nullable<Unsigned<BigInt>>,
        permissions -> Nullable<Json>,
        input -> Json,
        state -> Varchar,
        due_at -> Nullable<Datetime>,
        lease -> Nullable<Char>,
        attempts -> Unsigned<Integer>,
        max_attempts -> Unsigned<Integer>,
        cancel_requested_at -> Nullable<Datetime>,
        done -> Unsigned<BigInt>,
        total -> Nullable<Unsigned<BigInt>>,
        note -> Nullable<Json>,
        checkpoint -> Nullable<Json>,
        result -> Nullable<Json>,
        error -> Nullable<Json>,
        file_id -> Nullable<Unsigned<BigInt>>,
        created_at -> Datetime,
        started_at -> Nullable<Datetime>,
        finished_at -> Nullable<Datetime>,
        keep_until -> Nullable<Datetime>,
    }
}

diesel::table! {
    messages (id) {
        id -> Unsigned<BigInt>,
        kind -> Varchar,
        recipients -> Json,
        variables -> Json,
        url -> Nullable<Varchar>,
        once_key -> Nullable<Varchar>,
        created_by -> Nullable<Unsigned<BigInt>>,
        created_at -> Datetime,
        due_at -> Nullable<Datetime>,
        spread_at -> Nullable<Datetime>,
        attempts -> Unsigned<Integer>,
        error -> Nullable<Varchar>,
        enclosed_kind -> Nullable<Varchar>,
        enclosed_id -> Nullable<Unsigned<BigInt>>,
    }
}

diesel::table! {
    robots (id) {
        id -> Unsigned<BigInt>,
        name -> Varchar,
        vendor -> Varchar,
        language -> Varchar,
        sealed_url -> Varchar,
        url_hint -> Varchar,
        sealed_secret -> Nullable<Varchar>,
        kinds -> Json,
        paused_at -> Nullable<Datetime>,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Unsigned<BigInt>,
        message_id -> Unsigned<BigInt>,
        kind -> Varchar,
        channel -> Varchar,
        target -> Varchar,
        recipient -> Varchar,
        user_id -> Nullable<Unsigned<BigInt>>,
        robot_id -> Nullable<Unsigned<BigInt>>,
        language -> Varchar,
        subject -> Varchar,
        body -> Mediumtext,
        state -> Varchar,
        due_at -> Nullable<Datetime>,
        attempts -> Unsigned<Integer>,
        resends -> Unsigned<Integer>,
        error -> Nullable<Json>,
        remote_id -> Nullable<Varchar>,
        created_by -> Nullable<Unsigned<BigInt>>,
        department_path -> Nullable<Varchar>,
        created_at -> Datetime,
        sent_at -> Nullable<Datetime>,
        enclosed_kind -> Nullable<Varchar>,
        enclosed_id -> Nullable<Unsigned<BigInt>>,
    }
}

diesel::table! {
    notifications (id) {
        id -> Unsigned<BigInt>,
        user_id -> Unsigned<BigInt>,
        message_id -> Unsigned<BigInt>,
        kind -> Varchar,
        subject -> Varchar,
        body -> Mediumtext,
        url -> Nullable<Varchar>,
        created_at -> Datetime,
        read_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    message_templates (kind, language) {
        kind -> Varchar,
        language -> Varchar,
        subject -> Varchar,
        body -> Text,
        version -> Unsigned<Integer>,
        updated_by -> Nullable<Unsigned<BigInt>>,
        updated_at -> Datetime,
    }
}

diesel::joinable!(deliveries -> messages (message_id));
diesel::allow_tables_to_appear_in_same_query!(deliveries, messages);

diesel::table! {
    jobs (id) {
        id -> Unsigned<BigInt>,
        kind -> Varchar,
        code -> Nullable<Varchar>,
        name -> Nullable<Varchar>,
        description -> Varchar,
        cron -> Varchar,
        misfire -> Varchar,
        timeout_seconds -> Unsigned<Integer>,
        retries -> Unsigned<Integer>,
        allow_overlap -> Bool,
        request -> Nullable<Json>,
        paused_at -> Nullable<Datetime>,
        paused_by -> Nullable<Unsigned<BigInt>>,
        next_fire_at -> Nullable<Datetime>,
        last_run_id -> Nullable<Unsigned<BigInt>>,
        failures -> Unsigned<Integer>,
        failing_since -> Nullable<Datetime>,
        alarmed_at -> Nullable<Datetime>,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
    }
}

diesel::table! {
    job_runs (id) {
        id -> Unsigned<BigInt>,
        job_id -> Unsigned<BigInt>,
        fire_at -> Datetime,
        business_date -> Date,
        cause -> Varchar,
        state -> Varchar,
        covers -> Unsigned<Integer>,
        user_id -> Nullable<Unsigned<BigInt>>,
        task_id -> Nullable<Unsigned<BigInt>>,
        attempts -> Unsigned<Integer>,
        outcome -> Nullable<Json>,
        log_lines -> Nullable<Json>,
        created_at -> Datetime,
        started_at -> Nullable<Datetime>,
        finished_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    job_watchers (job_id, user_id) {
        job_id -> Unsigned<BigInt>,
        user_id -> Unsigned<BigInt>,
    }
}

diesel::joinable!(job_runs -> jobs (job_id));
diesel::joinable!(job_watchers -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(job_runs, jobs);
diesel::allow_tables_to_appear_in_same_query!(job_runs, tasks);
diesel::allow_tables_to_appear_in_same_query!(job_watchers, users);

diesel::joinable!(notifications -> messages (message_id));
diesel::joinable!(messages -> users (created_by));
diesel::allow_tables_to_appear_in_same_query!(notifications, messages, users);

diesel::table! {
    dictionary_values (id) {
        id -> Unsigned<BigInt>,
        dictionary -> Varchar,
        code -> Varchar,
        label_zh -> Varchar,
        label_en -> Varchar,
        position -> Unsigned<Integer>,
        retired_at -> Nullable<Datetime>,
        merged_into_id -> Nullable<Unsigned<BigInt>>,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
    }
}

diesel::table! {
    customers (id) {
        id -> Unsigned<BigInt>,
        company_code -> Varchar,
        company_name -> Varchar,
        normalised_name -> Varchar,
        name_sort -> Varchar,
        entity_type -> Varchar,
        account_type -> Varchar,
        industry -> Nullable<Varchar>,
        erp_system -> Nullable<Varchar>,
        onboarded_on -> Nullable<Date>,
        onboarded_text -> Nullable<Varchar>,
        level -> Nullable<Varchar>,
        sales_owner_id -> Nullable<Unsigned<BigInt>>,
        ops_owner_id -> Nullable<Unsigned<BigInt>>,
        status -> Varchar,
        billable -> Bool,
        disabled -> Bool,
        settlement_mode -> Nullable<Varchar>,
        spend_level -> Nullable<Varchar>,
        monthly_average_usage -> Nullable<BigInt>,
        source -> Nullable<Varchar>,
        channel -> Nullable<Varchar>,
        parent_id -> Nullable<Unsigned<BigInt>>,
        merged_into_id -> Nullable<Unsigned<BigInt>>,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
        deleted_at -> Nullable<Datetime>,
        live_code -> Nullable<Varchar>,
        live_name -> Nullable<Varchar>,
    }
}

diesel::table! {
    customer_details (customer_id) {
        customer_id -> Unsigned<BigInt>,
        credit_code -> Nullable<Varchar>,
        address -> Nullable<Varchar>,
        invoice_title -> Nullable<Varchar>,
        billing_emails -> Nullable<Varchar>,
        payment_term_days -> Unsigned<Integer>,
        currency -> Varchar,
        spend_level_reason -> Nullable<Varchar>,
        remarks -> Nullable<Text>,
    }
}

diesel::table! {
    customer_terms (term, personal, customer_id) {
        term -> Varchar,
        personal -> Bool,
        customer_id -> Unsigned<BigInt>,
    }
}

diesel::table! {
    contacts (id) {
        id -> Unsigned<BigInt>,
        customer_id -> Unsigned<BigInt>,
        name -> Varchar,
        name_sort -> Varchar,
        role -> Nullable<Varchar>,
        phone -> Nullable<Varchar>,
        email -> Nullable<Varchar>,
        remarks -> Nullable<Varchar>,
        is_primary -> Bool,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
        deleted_at -> Nullable<Datetime>,
        live_primary -> Nullable<Unsigned<BigInt>>,
    }
}

diesel::table! {
    payer_aliases (id) {
        id -> Unsigned<BigInt>,
        customer_id -> Unsigned<BigInt>,
        name -> Varchar,
        normalised_name -> Varchar,
        created_by -> Nullable<Unsigned<BigInt>>,
        created_at -> Datetime,
        deleted_at -> Nullable<Datetime>,
        live_name -> Nullable<Varchar>,
    }
}

diesel::table! {
    status_moves (id) {
        id -> Unsigned<BigInt>,
        customer_id -> Unsigned<BigInt>,
        was -> Nullable<Varchar>,
        becomes -> Varchar,
        cause -> Varchar,
        reason -> Nullable<Varchar>,
        facts -> Nullable<Json>,
        moved_by -> Nullable<Unsigned<BigInt>>,
        moved_at -> Datetime,
    }
}

diesel::table! {
    customer_activity (customer_id) {
        customer_id -> Unsigned<BigInt>,
        first_used_on -> Nullable<Date>,
        last_used_on -> Nullable<Date>,
        usage_noted_at -> Nullable<Datetime>,
        overdue_since -> Nullable<Date>,
        updated_at -> Datetime,
    }
}

diesel::table! {
    status_proposals (id) {
        id -> Unsigned<BigInt>,
        customer_id -> Unsigned<BigInt>,
        overdue_since -> Date,
        state -> Varchar,
        facts -> Json,
        reason -> Nullable<Varchar>,
        decided_by -> Nullable<Unsigned<BigInt>>,
        decided_at -> Nullable<Datetime>,
        created_at -> Datetime,
    }
}

diesel::table! {
    customer_quality (customer_id) {
        customer_id -> Unsigned<BigInt>,
        score -> Unsigned<Integer>,
        problems -> Unsigned<BigInt>,
        assessed_at -> Datetime,
    }
}

diesel::table! {
    duplicate_pairs (id) {
        id -> Unsigned<BigInt>,
        lower_id -> Unsigned<BigInt>,
        higher_id -> Unsigned<BigInt>,
        score -> Unsigned<Integer>,
        evidence -> Json,
        state -> Varchar,
        reason -> Nullable<Varchar>,
        decided_by -> Nullable<Unsigned<BigInt>>,
        decided_at -> Nullable<Datetime>,
        found_at -> Datetime,
        seen_at -> Datetime,
    }
}

diesel::table! {
    duplicate_searches (id) {
        id -> Unsigned<BigInt>,
        begun_at -> Datetime,
        ended_at -> Datetime,
        customers -> Unsigned<BigInt>,
        pairs -> Unsigned<BigInt>,
    }
}

diesel::table! {
    customer_merges (id) {
        id -> Unsigned<BigInt>,
        pair_id -> Unsigned<BigInt>,
        survivor_id -> Unsigned<BigInt>,
        loser_id -> Unsigned<BigInt>,
        changes -> Json,
        moved -> Json,
        reason -> Nullable<Varchar>,
        merged_by -> Nullable<Unsigned<BigInt>>,
        merged_at -> Datetime,
        unmerged_by -> Nullable<Unsigned<BigInt>>,
        unmerged_at -> Nullable<Datetime>,
        open_loser -> Nullable<Unsigned<BigInt>>,
    }
}

diesel::joinable!(customer_quality -> customers (customer_id));
diesel::joinable!(customer_details -> customers (customer_id));
diesel::joinable!(customer_terms -> customers (customer_id));
diesel::joinable!(contacts -> customers (customer_id));
diesel::joinable!(payer_aliases -> customers (customer_id));
diesel::joinable!(status_moves -> customers (customer_id));
diesel::joinable!(customer_activity -> customers (customer_id));
diesel::joinable!(status_proposals -> customers (customer_id));
diesel::allow_tables_to_appear_in_same_query!(
    customers,
    customer_details,
    customer_terms,
    contacts,
    payer_aliases,
    status_moves,
    customer_activity,
    status_proposals,
    customer_quality,
    duplicate_pairs,
    customer_merges,
    users,
);

diesel::table! {
    batches (id) {
        id -> Unsigned<BigInt>,
        kind -> Varchar,
        title -> Varchar,
        state -> Varchar,
        details -> Json,
        fault -> Nullable<Json>,
        task_id -> Nullable<Unsigned<BigInt>>,
        total -> Unsigned<Integer>,
        creates -> Unsigned<Integer>,
        updates -> Unsigned<Integer>,
        unchanged -> Unsigned<Integer>,
        skipped -> Unsigned<Integer>,
        failed -> Unsigned<Integer>,
        corrected -> Unsigned<Integer>,
        written -> Unsigned<Integer>,
        left_out -> Unsigned<Integer>,
        undone -> Unsigned<Integer>,
        kept -> Unsigned<Integer>,
        version -> Unsigned<Integer>,
        created_by -> Nullable<Unsigned<BigInt>>,
        created_at -> Datetime,
        checked_at -> Nullable<Datetime>,
        committed_by -> Nullable<Unsigned<BigInt>>,
        committed_at -> Nullable<Datetime>,
        undone_by -> Nullable<Unsigned<BigInt>>,
        undone_at -> Nullable<Datetime>,
        said -> Nullable<Json>,
    }
}

diesel::table! {
    batch_rows (batch_id, position) {
        batch_id -> Unsigned<BigInt>,
        position -> Unsigned<Integer>,
        source_row -> Nullable<Unsigned<Integer>>,
        outcome -> Varchar,
        corrected -> Bool,
        label -> Varchar,
        subject_id -> Nullable<Unsigned<BigInt>>,
        subject_version -> Nullable<Unsigned<Integer>>,
        body -> Json,
    }
}

diesel::table! {
    batch_results (batch_id, act, position) {
        batch_id -> Unsigned<BigInt>,
        act -> Varchar,
        position -> Unsigned<Integer>,
        mark -> Varchar,
        subject_id -> Nullable<Unsigned<BigInt>>,
        subject_version -> Nullable<Unsigned<Integer>>,
        said -> Nullable<Json>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(batch_rows, batch_results);
diesel::allow_tables_to_appear_in_same_query!(batches, users);
diesel::allow_tables_to_appear_in_same_query!(batches, tasks);

diesel::table! {
    imports (batch_id) {
        batch_id -> Unsigned<BigInt>,
        kind -> Varchar,
        file_id -> Nullable<Unsigned<BigInt>>,
        sheet -> Unsigned<Integer>,
        sheet_name -> Varchar,
        header_row -> Unsigned<Integer>,
        first_row -> Unsigned<Integer>,
        labels -> Json,
        matching -> Json,
        edits -> Json,
        unknown -> Json,
        effective_on -> Nullable<Date>,
    }
}

diesel::table! {
    import_choices (kind, about, meant) {
        kind -> Varchar,
        about -> Varchar,
        meant -> Varchar,
        choice -> Text,
        chosen_by -> Nullable<Unsigned<BigInt>>,
        chosen_at -> Datetime,
        shown -> Nullable<Text>,
    }
}

diesel::table! {
    customer_import_prices (customer_id, batch_id) {
        customer_id -> Unsigned<BigInt>,
        batch_id -> Unsigned<BigInt>,
        single_price -> Nullable<Decimal>,
        tier_prices -> Nullable<Text>,
        effective_on -> Nullable<Date>,
    }
}

diesel::table! {
    saved_views (id) {
        id -> Unsigned<BigInt>,
        list -> Varchar,
        user_id -> Unsigned<BigInt>,
        name -> Varchar,
        query -> Varchar,
        shared -> Bool,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
    }
}

diesel::table! {
    default_views (user_id, list) {
        user_id -> Unsigned<BigInt>,
        list -> Varchar,
        view_id -> Unsigned<BigInt>,
    }
}

diesel::joinable!(saved_views -> users (user_id));
diesel::joinable!(default_views -> saved_views (view_id));
diesel::allow_tables_to_appear_in_same_query!(saved_views, default_views, users);

diesel::table! {
    closed_months (month) {
        month -> Date,
        closed_by -> Nullable<Unsigned<BigInt>>,
        closed_at -> Datetime,
    }
}

diesel::table! {
    month_gate (id) {
        id -> Unsigned<TinyInt>,
    }
}

diesel::table! {
    meters (id) {
        id -> Unsigned<BigInt>,
        code -> Varchar,
        name -> Varchar,
        name_en -> Varchar,
        unit -> Varchar,
        unit_en -> Varchar,
        has_device_series -> Bool,
        has_layer -> Bool,
        retired_at -> Nullable<Datetime>,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
    }
}

diesel::table! {
    price_versions (id) {
        id -> Unsigned<BigInt>,
        customer_id -> Unsigned<BigInt>,
        number -> Unsigned<Integer>,
        state -> Varchar,
        valid_from -> Date,
        currency -> Varchar,
        minimum_amount -> Nullable<Decimal>,
        cap_amount -> Nullable<Decimal>,
        discount_percent -> Decimal,
        discount_reason -> Nullable<Varchar>,
        remarks -> Nullable<Varchar>,
        origin -> Varchar,
        batch_id -> Nullable<Unsigned<BigInt>>,
        author_id -> Nullable<Unsigned<BigInt>>,
        submitted_by -> Nullable<Unsigned<BigInt>>,
        submitted_at -> Nullable<Datetime>,
        decided_by -> Nullable<Unsigned<BigInt>>,
        decided_at -> Nullable<Datetime>,
        decision_reason -> Nullable<Varchar>,
        ended_by -> Nullable<Unsigned<BigInt>>,
        ended_at -> Nullable<Datetime>,
        end_reason -> Nullable<Varchar>,
        superseded_by -> Nullable<Unsigned<BigInt>>,
        version -> Unsigned<Integer>,
        created_by -> Nullable<Unsigned<BigInt>>,
        created_at -> Datetime,
        updated_at -> Datetime,
        active_from -> Nullable<Date>,
    }
}

diesel::table! {
    price_charges (id) {
        id -> Unsigned<BigInt>,
        price_version_id -> Unsigned<BigInt>,
        position -> Unsigned<Smallint>,
        meter_id -> Unsigned<BigInt>,
        device_series -> Varchar,
        layer -> Varchar,
        model -> Varchar,
        unit_price -> Nullable<Decimal>,
        block_quantity -> Nullable<Decimal>,
        free_quantity -> Nullable<Decimal>,
        block_price -> Nullable<Decimal>,
        annual_fee_amount -> Nullable<Decimal>,
        included_quantity -> Nullable<Decimal>,
        overage_price -> Nullable<Decimal>,
        charge_when_zero -> Bool,
    }
}

diesel::table! {
    price_tiers (price_charge_id, position) {
        price_charge_id -> Unsigned<BigInt>,
        position -> Unsigned<Smallint>,
        up_to_quantity -> Nullable<Decimal>,
        unit_price -> Decimal,
        flat_fee_amount -> Decimal,
    }
}

diesel::table! {
    price_version_hands (price_version_id, user_id) {
        price_version_id -> Unsigned<BigInt>,
        user_id -> Unsigned<BigInt>,
    }
}

diesel::table! {
    usage_sources (id) {
        id -> Unsigned<BigInt>,
        code -> Varchar,
        name -> Varchar,
        kind -> Varchar,
        expected_from -> Nullable<Date>,
        settings -> Json,
        secret -> Nullable<Text>,
        paused_at -> Nullable<Datetime>,
        version -> Unsigned<Integer>,
        created_by -> Nullable<Unsigned<BigInt>>,
        created_at -> Datetime,
        updated_at -> Datetime,
    }
}

diesel::table! {
    usage_intakes (id) {
        id -> Unsigned<BigInt>,
        kind -> Varchar,
        state -> Varchar,
        title -> Varchar,
        source_id -> Nullable<Unsigned<BigInt>>,
        file_id -> Nullable<Unsigned<BigInt>>,
        task_id -> Nullable<Unsigned<BigInt>>,
        details -> Json,
        fault -> Nullable<Json>,
        records -> Unsigned<Integer>,
        added -> Unsigned<Integer>,
        replaced -> Unsigned<Integer>,
        unchanged -> Unsigned<Integer>,
        quarantined -> Unsigned<Integer>,
        version -> Unsigned<Integer>,
        created_by -> Nullable<Unsigned<BigInt>>,
        created_at -> Datetime,
        ended_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    usage_records (customer_id, used_on, meter_id, device_series, layer, source_id) {
        customer_id -> Unsigned<BigInt>,
        used_on -> Date,
        meter_id -> Unsigned<BigInt>,
        device_series -> Varchar,
        layer -> Varchar,
        source_id -> Unsigned<BigInt>,
        quantity -> Decimal,
        raw_quantity -> Decimal,
        intake_id -> Unsigned<BigInt>,
        received_at -> Datetime,
    }
}

diesel::table! {
    usage_replacements (id) {
        id -> Unsigned<BigInt>,
        customer_id -> Unsigned<BigInt>,
        used_on -> Date,
        meter_id -> Unsigned<BigInt>,
        device_series -> Varchar,
        layer -> Varchar,
        source_id -> Unsigned<BigInt>,
        raw_quantity -> Decimal,
        intake_id -> Unsigned<BigInt>,
        received_at -> Datetime,
        replaced_by -> Unsigned<BigInt>,
        replaced_at -> Datetime,
    }
}

diesel::table! {
    usage_corrections (id) {
        id -> Unsigned<BigInt>,
        customer_id -> Unsigned<BigInt>,
        used_on -> Date,
        meter_id -> Unsigned<BigInt>,
        device_series -> Varchar,
        layer -> Varchar,
        source_id -> Unsigned<BigInt>,
        raw_quantity -> Decimal,
        quantity -> Decimal,
        reason -> Varchar,
        created_by -> Nullable<Unsigned<BigInt>>,
        created_at -> Datetime,
        ended_by -> Nullable<Unsigned<BigInt>>,
        ended_at -> Nullable<Datetime>,
        live_customer_id -> Nullable<Unsigned<BigInt>>,
    }
}

diesel::table! {
    usage_day_totals (used_on, source_id, meter_id, device_series, layer) {
        used_on -> Date,
        source_id -> Unsigned<BigInt>,
        meter_id -> Unsigned<BigInt>,
        device_series -> Varchar,
        layer -> Varchar,
        quantity -> Decimal,
        records -> Unsigned<Integer>,
    }
}

diesel::table! {
    quarantined_records (id) {
        id -> Unsigned<BigInt>,
        intake_id -> Unsigned<BigInt>,
        line -> Nullable<Unsigned<Integer>>,
        source_code -> Varchar,
        company_code -> Varchar,
        day_text -> Varchar,
        meter_code -> Varchar,
        device_series -> Varchar,
        layer -> Varchar,
        quantity_text -> Varchar,
        rule -> Varchar,
        facts -> Json,
        customer_id -> Nullable<Unsigned<BigInt>>,
        used_on -> Nullable<Date>,
        state -> Varchar,
        fingerprint -> Varchar,
        reason -> Nullable<Varchar>,
        decided_by -> Nullable<Unsigned<BigInt>>,
        decided_at -> Nullable<Datetime>,
        version -> Unsigned<Integer>,
        received_at -> Datetime,
        waiting_fingerprint -> Nullable<Varchar>,
    }
}

diesel::table! {
    usage_collections (id) {
        id -> Unsigned<BigInt>,
        source_id -> Unsigned<BigInt>,
        day -> Date,
        state -> Varchar,
        task_id -> Nullable<Unsigned<BigInt>>,
        intake_id -> Nullable<Unsigned<BigInt>>,
        records -> Unsigned<Integer>,
        quarantined -> Unsigned<Integer>,
        tries -> Unsigned<Integer>,
        fault -> Nullable<Json>,
        reason -> Nullable<Varchar>,
        declared_by -> Nullable<Unsigned<BigInt>>,
        started_at -> Nullable<Datetime>,
        ended_at -> Nullable<Datetime>,
        version -> Unsigned<Integer>,
    }
}

diesel::table! {
    billed_months (month) {
        month -> Date,
        billed_by -> Nullable<Unsigned<BigInt>>,
        billed_at -> Datetime,
    }
}

diesel::table! {
    bill_runs (id) {
        id -> Unsigned<BigInt>,
        month -> Date,
        state -> Varchar,
        scope -> Json,
        inputs_hash -> Nullable<Char>,
        fault -> Nullable<Json>,
        task_id -> Nullable<Unsigned<BigInt>>,
        customers -> Unsigned<Integer>,
        billed -> Unsigned<Integer>,
        zero -> Unsigned<Integer>,
        excluded -> Unsigned<Integer>,
        failed -> Unsigned<Integer>,
        look_at -> Unsigned<Integer>,
        written -> Unsigned<Integer>,
        left_out -> Unsigned<Integer>,
        totals -> Json,
        waived -> Json,
        version -> Unsigned<Integer>,
        started_by -> Nullable<Unsigned<BigInt>>,
        started_at -> Datetime,
        planned_at -> Nullable<Datetime>,
        committed_by -> Nullable<Unsigned<BigInt>>,
        committed_at -> Nullable<Datetime>,
        ended_by -> Nullable<Unsigned<BigInt>>,
        ended_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    bill_run_customers (run_id, position) {
        run_id -> Unsigned<BigInt>,
        position -> Unsigned<Integer>,
        customer_id -> Unsigned<BigInt>,
        outcome -> Varchar,
        reason -> Nullable<Varchar>,
        currency -> Varchar,
        total_amount -> Decimal,
        previous_amount -> Nullable<Decimal>,
        change_amount -> Decimal,
        moved_amount -> Nullable<Decimal>,
        usage_change_amount -> Decimal,
        price_change_amount -> Decimal,
        customer_change_amount -> Decimal,
        manual_change_amount -> Decimal,
        risk -> Unsigned<Smallint>,
        flags -> Json,
        usage_quantity -> Decimal,
        usage_records -> Unsigned<Integer>,
        inputs_hash -> Char,
        inputs_parts -> Nullable<Char>,
        reissue_of -> Nullable<Unsigned<BigInt>>,
        payment_term_days -> Unsigned<Smallint>,
        said -> Nullable<Json>,
        bill_id -> Nullable<Unsigned<BigInt>>,
    }
}

diesel::table! {
    bill_run_lines (run_id, customer_position, position) {
        run_id -> Unsigned<BigInt>,
        customer_position -> Unsigned<Integer>,
        position -> Unsigned<Smallint>,
        kind -> Varchar,
        price_version_id -> Nullable<Unsigned<BigInt>>,
        price_number -> Nullable<Unsigned<Integer>>,
        meter_id -> Nullable<Unsigned<BigInt>>,
        device_series -> Varchar,
        layer -> Varchar,
        from_on -> Date,
        until_on -> Date,
        quantity -> Nullable<Decimal>,
        year_from -> Nullable<Date>,
        late_of -> Nullable<Unsigned<BigInt>>,
        late_month -> Nullable<Date>,
        amount -> Decimal,
        explanation -> Json,
    }
}

diesel::table! {
    bill_sequences (month) {
        month -> Date,
        last_bill -> Unsigned<Integer>,
        last_credit_note -> Unsigned<Integer>,
    }
}

diesel::table! {
    bills (id) {
        id -> Unsigned<BigInt>,
        number -> Varchar,
        kind -> Varchar,
        customer_id -> Unsigned<BigInt>,
        month -> Date,
        run_id -> Unsigned<BigInt>,
        reissue_of -> Nullable<Unsigned<BigInt>>,
        currency -> Varchar,
        document_state -> Varchar,
        settlement_state -> Varchar,
        total_amount -> Decimal,
        credited_amount -> Decimal,
        settled_amount -> Decimal,
        written_off_amount -> Decimal,
        balance_amount -> Nullable<Decimal>,
        risk -> Unsigned<Smallint>,
        payment_term_days -> Unsigned<Smallint>,
        round -> Unsigned<Smallint>,
        sent_at -> Nullable<Datetime>,
        due_on -> Nullable<Date>,
        voided_at -> Nullable<Datetime>,
        credited_at -> Nullable<Datetime>,
        open_disputes -> Unsigned<Smallint>,
        promised_on -> Nullable<Date>,
        invoice_number -> Nullable<Varchar>,
        invoiced_at -> Nullable<Datetime>,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
        live_month -> Nullable<Date>,
        owed_on -> Nullable<Date>,
    }
}

diesel::table! {
    bill_lines (bill_id, position) {
        bill_id -> Unsigned<BigInt>,
        position -> Unsigned<Smallint>,
        kind -> Varchar,
        price_version_id -> Nullable<Unsigned<BigInt>>,
        price_number -> Nullable<Unsigned<Integer>>,
        meter_id -> Nullable<Unsigned<BigInt>>,
        device_series -> Varchar,
        layer -> Varchar,
        from_on -> Date,
        until_on -> Date,
        quantity -> Nullable<Decimal>,
        year_from -> Nullable<Date>,
        late_of -> Nullable<Unsigned<BigInt>>,
        late_month -> Nullable<Date>,
        amount -> Decimal,
        explanation -> Json,
        description -> Nullable<Varchar>,
        reason -> Nullable<Varchar>,
        created_by -> Nullable<Unsigned<BigInt>>,
    }
}

diesel::table! {
    bill_decisions (bill_id, position) {
        bill_id -> Unsigned<BigInt>,
        position -> Unsigned<Smallint>,
        round -> Unsigned<Smallint>,
        decision -> Varchar,
        reason -> Nullable<Varchar>,
        decided_by -> Nullable<Unsigned<BigInt>>,
        decided_at -> Datetime,
    }
}

diesel::table! {
    credit_notes (id) {
        id -> Unsigned<BigInt>,
        bill_id -> Unsigned<BigInt>,
        number -> Nullable<Varchar>,
        state -> Varchar,
        whole -> Bool,
        amount -> Decimal,
        reason -> Varchar,
        asked_by -> Nullable<Unsigned<BigInt>>,
        asked_at -> Datetime,
        decided_by -> Nullable<Unsigned<BigInt>>,
        decided_at -> Nullable<Datetime>,
        decision_reason -> Nullable<Varchar>,
        version -> Unsigned<Integer>,
    }
}

diesel::table! {
    credit_note_lines (credit_note_id, position) {
        credit_note_id -> Unsigned<BigInt>,
        position -> Unsigned<Smallint>,
        amount -> Decimal,
    }
}

diesel::table! {
    usage_waivers (id) {
        id -> Unsigned<BigInt>,
        source_id -> Unsigned<BigInt>,
        day -> Date,
        reason -> Varchar,
        waived_by -> Nullable<Unsigned<BigInt>>,
        waived_at -> Datetime,
        taken_back_by -> Nullable<Unsigned<BigInt>>,
        taken_back_at -> Nullable<Datetime>,
        live_day -> Nullable<Date>,
    }
}

diesel::table! {
    month_signatures (id) {
        id -> Unsigned<BigInt>,
        month -> Date,
        item -> Varchar,
        digest -> Char,
        reason -> Varchar,
        signed_by -> Nullable<Unsigned<BigInt>>,
        signed_at -> Datetime,
    }
}

diesel::table! {
    month_reopenings (id) {
        id -> Unsigned<BigInt>,
        month -> Date,
        state -> Varchar,
        reason -> Varchar,
        asked_by -> Nullable<Unsigned<BigInt>>,
        asked_at -> Datetime,
        decided_by -> Nullable<Unsigned<BigInt>>,
        decided_at -> Nullable<Datetime>,
        decision_reason -> Nullable<Varchar>,
        open_month -> Nullable<Date>,
    }
}

diesel::joinable!(price_charges -> price_versions (price_version_id));
diesel::joinable!(price_charges -> meters (meter_id));
diesel::joinable!(price_tiers -> price_charges (price_charge_id));
diesel::joinable!(price_versions -> customers (customer_id));
diesel::joinable!(quarantined_records -> usage_intakes (intake_id));
diesel::joinable!(quarantined_records -> customers (customer_id));
diesel::joinable!(usage_collections -> usage_sources (source_id));
diesel::joinable!(usage_corrections -> customers (customer_id));
diesel::joinable!(usage_day_totals -> usage_sources (source_id));
diesel::joinable!(usage_intakes -> usage_sources (source_id));
diesel::joinable!(usage_records -> customers (customer_id));
diesel::allow_tables_to_appear_in_same_query!(price_versions, price_charges, price_tiers, meters);
diesel::allow_tables_to_appear_in_same_query!(price_versions, customers);
diesel::allow_tables_to_appear_in_same_query!(usage_day_totals, usage_sources);
diesel::allow_tables_to_appear_in_same_query!(usage_collections, usage_sources);
diesel::allow_tables_to_appear_in_same_query!(usage_intakes, usage_sources);
diesel::allow_tables_to_appear_in_same_query!(usage_intakes, users);
diesel::allow_tables_to_appear_in_same_query!(quarantined_records, usage_intakes, customers);
diesel::allow_tables_to_appear_in_same_query!(usage_records, customers);
diesel::allow_tables_to_appear_in_same_query!(usage_records, usage_corrections);
diesel::joinable!(bills -> customers (customer_id));
diesel::joinable!(bills -> bill_runs (run_id));
diesel::joinable!(bill_lines -> bills (bill_id));
diesel::joinable!(bill_decisions -> bills (bill_id));
diesel::joinable!(bill_run_customers -> bill_runs (run_id));
diesel::joinable!(bill_run_customers -> customers (customer_id));
diesel::joinable!(credit_notes -> bills (bill_id));
diesel::joinable!(credit_note_lines -> credit_notes (credit_note_id));
diesel::allow_tables_to_appear_in_same_query!(bills, bill_runs);
diesel::allow_tables_to_appear_in_same_query!(bills, customers);
diesel::allow_tables_to_appear_in_same_query!(bills, bill_lines);
diesel::allow_tables_to_appear_in_same_query!(bills, bill_decisions);
diesel::allow_tables_to_appear_in_same_query!(bills, bill_run_customers);
diesel::allow_tables_to_appear_in_same_query!(bill_run_customers, customers);
diesel::allow_tables_to_appear_in_same_query!(bill_run_customers, bill_runs);
diesel::allow_tables_to_appear_in_same_query!(bills, credit_notes);
diesel::allow_tables_to_appear_in_same_query!(credit_notes, credit_note_lines);
diesel::allow_tables_to_appear_in_same_query!(credit_notes, customers);

diesel::table! {
    bill_links (id) {
        id -> Unsigned<BigInt>,
        bill_id -> Unsigned<BigInt>,
        token_hash -> Char,
        sealed_token -> Varchar,
        language -> Varchar,
        recipients -> Varchar,
        created_by -> Nullable<Unsigned<BigInt>>,
        created_at -> Datetime,
        expires_at -> Datetime,
        revoked_by -> Nullable<Unsigned<BigInt>>,
        revoked_at -> Nullable<Datetime>,
        revoked_why -> Nullable<Varchar>,
        confirmed_at -> Nullable<Datetime>,
        confirmed_by -> Nullable<Varchar>,
        confirmed_from -> Nullable<Varchar>,
    }
}

diesel::table! {
    bill_views (id) {
        id -> Unsigned<BigInt>,
        link_id -> Unsigned<BigInt>,
        address -> Varchar,
        minute -> Datetime,
        agent -> Varchar,
    }
}

diesel::table! {
    disputes (id) {
        id -> Unsigned<BigInt>,
        bill_id -> Unsigned<BigInt>,
        link_id -> Unsigned<BigInt>,
        position -> Nullable<Unsigned<Smallint>>,
        state -> Varchar,
        opened_at -> Datetime,
        written_at -> Datetime,
        closed_by -> Nullable<Unsigned<BigInt>>,
        closed_at -> Nullable<Datetime>,
        version -> Unsigned<Integer>,
    }
}

diesel::table! {
    dispute_messages (dispute_id, position) {
        dispute_id -> Unsigned<BigInt>,
        position -> Unsigned<Smallint>,
        user_id -> Nullable<Unsigned<BigInt>>,
        from_customer -> Bool,
        author -> Varchar,
        text -> Varchar,
        written_at -> Datetime,
    }
}

diesel::table! {
    late_usages (id) {
        id -> Unsigned<BigInt>,
        record_id -> Unsigned<BigInt>,
        customer_id -> Unsigned<BigInt>,
        used_on -> Date,
        month -> Date,
        meter_id -> Unsigned<BigInt>,
        device_series -> Varchar,
        layer -> Varchar,
        source_id -> Unsigned<BigInt>,
        quantity -> Decimal,
        sent_quantity -> Decimal,
        accepted_by -> Nullable<Unsigned<BigInt>>,
        accepted_at -> Datetime,
        bill_id -> Nullable<Unsigned<BigInt>>,
        position -> Nullable<Unsigned<Smallint>>,
    }
}

diesel::table! {
    dunning_steps (id) {
        id -> Unsigned<BigInt>,
        days -> Smallint,
        channel -> Varchar,
        tone -> Varchar,
        tells_sales -> Bool,
        tells_ops -> Bool,
        tells_department -> Bool,
        paused_at -> Nullable<Datetime>,
        version -> Unsigned<Integer>,
        created_at -> Datetime,
        updated_at -> Datetime,
    }
}

diesel::table! {
    dunning_reminders (bill_id, step_id) {
        bill_id -> Unsigned<BigInt>,
        step_id -> Unsigned<BigInt>,
        days -> Smallint,
        channel -> Varchar,
        tone -> Varchar,
        balance_amount -> Decimal,
        told -> Json,
        reminded_at -> Datetime,
    }
}

diesel::table! {
    bill_promises (bill_id, position) {
        bill_id -> Unsigned<BigInt>,
        position -> Unsigned<Smallint>,
        promised_on -> Nullable<Date>,
        note -> Varchar,
        noted_by -> Nullable<Unsigned<BigInt>>,
        noted_at -> Datetime,
    }
}

diesel::joinable!(disputes -> bills (bill_id));
diesel::allow_tables_to_appear_in_same_query!(disputes, bills);
diesel::allow_tables_to_appear_in_same_query!(disputes, customers);
diesel::joinable!(late_usages -> quarantined_records (record_id));
diesel::joinable!(dunning_reminders -> dunning_steps (step_id));
diesel::allow_tables_to_appear_in_same_query!(bills, late_usages);
diesel::allow_tables_to_appear_in_same_query!(dunning_reminders, dunning_steps);
