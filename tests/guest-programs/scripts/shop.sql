create table item(id integer primary key, name text unique, price real);
begin;
with recursive c(x) as (select 1 union all select x + 1 from c where x < 300) insert into item select x, 'item' || x, x * 1.25 from c;
commit;
begin; delete from item where id % 2 = 0; rollback;
begin; update item set price = price + 1 where id < 10; savepoint s; delete from item; rollback to s; commit;
create index by_price on item(price);
create trigger t after insert on item begin update item set price = 0 where id = new.id; end;
insert into item values(1000, 'new', 5);
select name, price from item where price < 3 order by price;
.mode csv
select substr(name, 1, 5) as k, count(*), round(avg(price), 2) from item group by length(name);
