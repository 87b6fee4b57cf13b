// Tables under the names that Dataverse gives them, as far as the tests use them.

@path: '/api/data/v9.2'
@protocol: 'odata-v4'
service Organisation {
  @cds.query.limit: { default: 20, max: 20 }
  entity contacts {
    key contactid        : UUID;
        firstname        : String(50);
        lastname         : String(50);
        mobilephone      : String(50);
        numberofchildren : Integer;
        @odata.etag
        @cds.on.insert: $now
        @cds.on.update: $now
        modifiedon       : Timestamp;
  }
}
