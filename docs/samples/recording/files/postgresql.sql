create role cong_dvc login password 'Cong-dich-vu-1';
create role bao_cao login password 'Bao-cao-2026' in role pg_read_all_data;
create database dich_vu_cong owner cong_dvc;
\c dich_vu_cong
set role cong_dvc;
create table ho_so (ma text primary key, thu_tuc text, trang_thai text, nop_luc timestamptz default now());
create table cong_dan (so_dinh_danh text primary key, ho_ten text, xa text);
insert into ho_so (ma, thu_tuc, trang_thai) select 'H49-' || n, 'Cấp giấy khai sinh', 'Đang xử lý' from generate_series(1, 50) n;
insert into cong_dan select '000000000' || n, 'Công dân thử ' || n, 'An Phú' from generate_series(1, 50) n;
