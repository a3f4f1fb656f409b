-- Purpose: no table that holds something approved is emptied: one function for posting profiles, plans of assets and,
--          from now on, standard costs with their assumptions and the books' entity.
-- Inputs: what stands in the table, in words. Rows expected: none.
CREATE FUNCTION finance_refuse_emptied_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is not emptied: % stand in it', TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'restrict_violation';
END
$$;

DROP TRIGGER finance_postingprofile_no_truncate ON finance_postingprofile;
DROP TRIGGER finance_profileaccount_no_truncate ON finance_profileaccount;
DROP FUNCTION finance_refuse_profiles_gone_v1();
CREATE TRIGGER finance_postingprofile_no_truncate
    BEFORE TRUNCATE ON finance_postingprofile
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('approved profiles');
CREATE TRIGGER finance_profileaccount_no_truncate
    BEFORE TRUNCATE ON finance_profileaccount
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('approved profiles');

DROP TRIGGER finance_assetplan_no_truncate ON finance_assetplan;
DROP TRIGGER finance_assetplanline_no_truncate ON finance_assetplanline;
DROP FUNCTION finance_refuse_plans_gone_v1();
CREATE TRIGGER finance_assetplan_no_truncate
    BEFORE TRUNCATE ON finance_assetplan
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('approved plans');
CREATE TRIGGER finance_assetplanline_no_truncate
    BEFORE TRUNCATE ON finance_assetplanline
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('approved plans');

CREATE TRIGGER finance_costversion_no_truncate
    BEFORE TRUNCATE ON finance_costversion
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('approved costs');
CREATE TRIGGER finance_standardcost_no_truncate
    BEFORE TRUNCATE ON finance_standardcost
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('approved costs');
CREATE TRIGGER finance_costassumption_no_truncate
    BEFORE TRUNCATE ON finance_costassumption
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('approved costs');
CREATE TRIGGER finance_period_no_truncate
    BEFORE TRUNCATE ON finance_period
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('closed periods');
CREATE TRIGGER finance_entity_no_truncate
    BEFORE TRUNCATE ON finance_entity
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('the books');
