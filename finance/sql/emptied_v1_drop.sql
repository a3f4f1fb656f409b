-- Purpose: undo emptied_v1.sql.
DROP TRIGGER finance_entity_no_truncate ON finance_entity;
DROP TRIGGER finance_period_no_truncate ON finance_period;
DROP TRIGGER finance_costassumption_no_truncate ON finance_costassumption;
DROP TRIGGER finance_standardcost_no_truncate ON finance_standardcost;
DROP TRIGGER finance_costversion_no_truncate ON finance_costversion;
DROP TRIGGER finance_assetplanline_no_truncate ON finance_assetplanline;
DROP TRIGGER finance_assetplan_no_truncate ON finance_assetplan;
DROP TRIGGER finance_profileaccount_no_truncate ON finance_profileaccount;
DROP TRIGGER finance_postingprofile_no_truncate ON finance_postingprofile;
DROP FUNCTION finance_refuse_emptied_v1();

CREATE FUNCTION finance_refuse_profiles_gone_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is not emptied: approved profiles stand in it', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER finance_postingprofile_no_truncate
    BEFORE TRUNCATE ON finance_postingprofile
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_profiles_gone_v1();
CREATE TRIGGER finance_profileaccount_no_truncate
    BEFORE TRUNCATE ON finance_profileaccount
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_profiles_gone_v1();

CREATE FUNCTION finance_refuse_plans_gone_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is not emptied: approved plans stand in it', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER finance_assetplan_no_truncate
    BEFORE TRUNCATE ON finance_assetplan
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_plans_gone_v1();
CREATE TRIGGER finance_assetplanline_no_truncate
    BEFORE TRUNCATE ON finance_assetplanline
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_plans_gone_v1();
