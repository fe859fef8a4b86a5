create database van_ban character set utf8mb4;
create table van_ban.cong_van (so int primary key auto_increment, trich_yeu varchar(200), mat tinyint default 0);
create table van_ban.nguoi_dung (ten varchar(50), ma_bam varchar(100));
insert into van_ban.cong_van (trich_yeu) values ('Về việc tiếp nhận hồ sơ'), ('Kế hoạch chuyển đổi số'), ('Giấy mời họp');
insert into van_ban.nguoi_dung values ('vanthu', 'khong-that'), ('lanhdao', 'khong-that');
create user 'trucvb'@'%' identified by 'Truc-van-ban-1';
grant select, insert, update, delete on van_ban.* to 'trucvb'@'%';
create user 'quantri'@'%' identified by 'quantri2026';
grant all on *.* to 'quantri'@'%' with grant option;
