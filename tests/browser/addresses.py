"""The addresses every rule is tried on: each page, in the states that look different."""

ADDRESSES = {
    "inicio": "/",
    "panorama por taxa, planilha": "/panorama?fonte=sinesp-uf&medida=taxa",
    "panorama com ausentes": "/panorama?fonte=sinesp-uf&tipo_crime=roubo_carga&ano=2015",
    "panorama de um estado": "/panorama?uf=MG&medida=taxa",
    "panorama sem municípios": "/panorama?uf=SP&tipo_crime=roubo_veiculo",
    "fonte sem dados": "/panorama?fonte=sinesp-municipio",
    "procurar": "/lugar",
    "achados": "/lugar?busca=santa+rita",
    "lugar, estado": "/lugar?codigo=29&fonte=sinesp-uf&tipo_crime=estupro",
    "lugar, município": "/lugar?codigo=3550308",
    "lugar onde não se aplica": "/lugar?codigo=3550308&tipo_crime=roubo_veiculo",
    "comparar": "/comparar?fonte=sinesp-uf",
    "comparar taxas de doze meses": "/comparar?fonte=sinesp-uf&medida=taxa&janela=12m&lugares=BR,3,SP",
    "pequenos múltiplos": "/comparar?fonte=sinesp-uf&modo=estados",
    "o que mudou": "/o-que-mudou?fonte=sinesp-uf",
    "primeira publicação": "/o-que-mudou",
    "cobertura por município": "/cobertura",
    "cobertura por estado": "/cobertura?fonte=sinesp-uf&ano=2015&tipo_crime=roubo_carga",
    "dados": "/dados",
}
