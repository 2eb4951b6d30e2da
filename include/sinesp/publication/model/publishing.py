"""What reading and publishing a source report: counts and, for people, where and why something was not understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sinesp.publication.model.sources import SourceKey


class Problem(StrEnum):
    """Why a row, or what is made of it, is not published as it stands. Codes are stable; sentences: PROBLEM_TEXT."""

    LINHA_SEM_DADOS = "linha_sem_dados"
    LINHA_DE_TOTAL = "linha_de_total"
    CABECALHO_REPETIDO = "cabecalho_repetido"
    LINHA_TRUNCADA = "linha_truncada"
    UF_DESCONHECIDA = "uf_desconhecida"
    UF_DE_OUTRA_PLANILHA = "uf_de_outra_planilha"
    CRIME_DESCONHECIDO = "crime_desconhecido"
    MES_ILEGIVEL = "mes_ilegivel"
    ANO_DE_OUTRO_ARQUIVO = "ano_de_outro_arquivo"
    VALOR_ILEGIVEL = "valor_ilegivel"
    MUNICIPIO_DESCONHECIDO = "municipio_desconhecido"
    CODIGO_DE_OUTRO_LUGAR = "codigo_de_outro_lugar"
    MUNICIPIO_INESPERADO = "municipio_inesperado"
    LUGAR_INDEFINIDO = "lugar_indefinido"
    ABRANGENCIA_EM_BRANCO = "abrangencia_em_branco"
    ABRANGENCIA_DESCONHECIDA = "abrangencia_desconhecida"
    SEXO_DESCONHECIDO = "sexo_desconhecido"
    MEDIDA_INESPERADA = "medida_inesperada"
    NUMERO_EM_OUTRA_COLUNA = "numero_em_outra_coluna"
    SEXO_NAO_SOMA = "sexo_nao_soma"
    REPETIDA_IGUAL = "repetida_igual"
    REPETIDA_CONFLITANTE = "repetida_conflitante"
    PARCELAS_SOMADAS = "parcelas_somadas"
    PARCELAS_REPETIDAS = "parcelas_repetidas"
    PARCELA_E_TOTAL = "parcela_e_total"
    EVENTO_AUSENTE = "evento_ausente"
    PLANILHA_COPIADA = "planilha_copiada"
    DIA_DIFERENTE_DE_1 = "dia_diferente_de_1"
    SO_PESO = "so_peso"
    UF_AUSENTE = "uf_ausente"
    PLANILHA_DESCONHECIDA = "planilha_desconhecida"
    PLANILHA_OCULTA = "planilha_oculta"
    BLOCO_INCOMPLETO = "bloco_incompleto"
    BLOCO_SUMIDO = "bloco_sumido"
    BLOCO_ESVAZIADO = "bloco_esvaziado"
    VALOR_DESPROPORCIONAL = "valor_desproporcional"
    PAIS_ZERADO = "pais_zerado"


PROBLEM_TEXT: Mapping[Problem, str] = {
    Problem.LINHA_SEM_DADOS: "linha sem UF, mês nem crime (nota de rodapé?): ignorada",
    Problem.LINHA_TRUNCADA: (
        "linha com mais ou menos colunas que o cabeçalho, aspas sem par ou células mescladas: não publicada"
    ),
    Problem.LINHA_DE_TOTAL: "linha de total, subtotal, Brasil ou região: não é contada",
    Problem.CABECALHO_REPETIDO: "cabeçalho repetido no meio da tabela: ignorado",
    Problem.UF_DESCONHECIDA: "unidade da federação desconhecida: não publicada",
    Problem.UF_DE_OUTRA_PLANILHA: "a UF da linha não é a da planilha: não publicada",
    Problem.CRIME_DESCONHECIDO: "crime ou evento desconhecido: não publicado",
    Problem.MES_ILEGIVEL: "mês ou ano ilegível: não publicada",
    Problem.ANO_DE_OUTRO_ARQUIVO: "ano diferente do ano do arquivo: não publicada",
    Problem.VALOR_ILEGIVEL: "valor que não é inteiro não negativo: registro e somas retidos",
    Problem.MUNICIPIO_DESCONHECIDO: "nome que não é de município da UF: conta só na soma do estado",
    Problem.CODIGO_DE_OUTRO_LUGAR: "código IBGE que não é da UF ou não é o do nome: registro e somas retidos",
    Problem.MUNICIPIO_INESPERADO: "evento declarado por UF veio com município: registro e somas retidos",
    Problem.LUGAR_INDEFINIDO: "lugar em branco ou que reúne vários municípios, talvez já contados: somas retidas",
    Problem.ABRANGENCIA_DESCONHECIDA: "abrangência desconhecida (esperado: Estadual, Polícia Federal, Polícia "
    "Rodoviária Federal): registro e somas retidos",
    Problem.SEXO_DESCONHECIDO: "sexo da vítima em branco ou desconhecido: registro e somas retidos",
    Problem.NUMERO_EM_OUTRA_COLUNA: "total do evento em branco e número em outra coluna: registro e somas retidos",
    Problem.PARCELAS_SOMADAS: "várias linhas sem município da mesma UF, mês e evento: somadas",
    Problem.PARCELAS_REPETIDAS: "parcelas (DF ou sem município) que parecem copiadas: registro e somas retidos",
    Problem.PARCELA_E_TOTAL: "linhas com e sem divisão (sexo, agente…) na mesma chave: registro e somas retidos",
    Problem.EVENTO_AUSENTE: "evento sem linha num arquivo com evento desconhecido (novo nome?): nada é excluído",
    Problem.PLANILHA_COPIADA: "planilha que só repete linhas de outra: não é contada",
    Problem.ABRANGENCIA_EM_BRANCO: "abrangência em branco: registro e somas retidos",
    Problem.MEDIDA_INESPERADA: "número em coluna que não é a do evento: a coluna do evento foi usada",
    Problem.SEXO_NAO_SOMA: "feminino + masculino + não informado difere do total de vítimas: registro e somas retidos",
    Problem.REPETIDA_IGUAL: "linha repetida com o mesmo valor: uma foi mantida",
    Problem.REPETIDA_CONFLITANTE: "linhas da mesma chave com valores diferentes: registro e somas retidos",
    Problem.DIA_DIFERENTE_DE_1: "data com dia diferente de 1 (preenchimento automático do Excel?): usado o mês",
    Problem.SO_PESO: "evento medido só em kg: sem campo no contrato, não publicado",
    Problem.UF_AUSENTE: "UF sem nenhuma linha no arquivo: totais nacionais retidos",
    Problem.PLANILHA_DESCONHECIDA: "planilha sem o cabeçalho de nenhuma fonte: não lida",
    Problem.PLANILHA_OCULTA: "planilha oculta: não contada, e nada que só ela tenha é excluído; reexiba-a se vale, "
    "apague-a se não",
    Problem.BLOCO_INCOMPLETO: "faltam ou sobram linhas da UF no mês, comparadas às do resto do arquivo: somas retidas",
    Problem.BLOCO_SUMIDO: "bloco de linhas já publicado que este arquivo não tem: registros e somas retidos",
    Problem.BLOCO_ESVAZIADO: "bloco de valores já publicado que viria em branco: registros e somas retidos",
    Problem.VALOR_DESPROPORCIONAL: "soma da UF muito acima da dos outros meses do ano: registro e somas retidos",
    Problem.PAIS_ZERADO: "mês sem nenhum valor no país, ao contrário dos outros meses do ano: registros retidos",
}


@dataclass(frozen=True, slots=True)
class ProblemExample:
    """One place in a file: `row` as a spreadsheet shows it (the header is row 1); 0 means the whole sheet."""

    sheet: str
    row: int
    reason: Problem
    value: str

    @property
    def place(self) -> str:
        """Sheet and row."""
        return f"{self.sheet}, linha {self.row}" if self.row else self.sheet

    def __str__(self) -> str:
        """One log line."""
        return f"{self.place}: {PROBLEM_TEXT[self.reason]} ({self.value})"


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What a source held. `examples` are the first of each reason; the full list lies at `problems_url`.

    `withheld` are all records that its rows name, sums included, and that are not among `records`: those whose own rows
    contradict each other or cannot be read too, of which no record is ever made.
    """

    rows: int
    records: int
    withheld: int
    problems: Mapping[Problem, int] = field(default_factory=dict)
    examples: tuple[ProblemExample, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One number before and after: `place` as people write it, `month` as `MM/YYYY`; null is blank or not there."""

    place: str
    month: str
    crime: str
    measure: str
    before: int | None
    after: int | None

    def __str__(self) -> str:
        """One line of a table."""
        before, after = ("em branco" if n is None else str(n) for n in (self.before, self.after))
        return f"{self.place} {self.month} {self.crime} ({self.measure}): {before} → {after}"


@dataclass(frozen=True, slots=True)
class PublishReport:
    """One source, published. Counts are records.

    `new + changed + vanished + repaired` were sent, by level in `sent_by_level`; `emptied` of the changed ones lose a
    number (value to blank). `retained` are there and look implausible, `kept` are missing and may only be unread: both
    stay as published. With `refusal` (a check only) the publication would stop with that message and send nothing.
    """

    source: SourceKey
    files: tuple[str, ...]
    read: ReadReport
    new: int
    changed: int
    vanished: int
    unchanged: int
    repaired: int
    kept: int
    sent_by_level: Mapping[str, int]
    version: int
    problems_url: str
    seconds: float
    emptied: int = 0
    retained: int = 0
    largest: tuple[ValueChange, ...] = ()
    refusal: str = ""

    @property
    def sent(self) -> int:
        """Records acknowledged by Kafka."""
        return self.new + self.changed + self.vanished + self.repaired
