// Block memory of the Xilinx 7 series, 18 kilobits, in the modes of ramb_cell.v.
`default_nettype none

module RAMB18E1 #(
    parameter IMAGE = "",
    parameter RAM_MODE = "TDP",
    parameter READ_WIDTH_A = 0,
    parameter READ_WIDTH_B = 0,
    parameter WRITE_WIDTH_A = 0,
    parameter WRITE_WIDTH_B = 0,
    parameter WRITE_MODE_A = "WRITE_FIRST",
    parameter WRITE_MODE_B = "WRITE_FIRST",
    parameter DOA_REG = 0,
    parameter DOB_REG = 0,
    parameter [17:0] INIT_A = 0,
    parameter [17:0] INIT_B = 0,
    parameter [17:0] SRVAL_A = 0,
    parameter [17:0] SRVAL_B = 0,
    parameter RAM_EXTENSION_A = "NONE",
    parameter RAM_EXTENSION_B = "NONE",
    parameter [0:0] IS_CLKARDCLK_INVERTED = 0,
    parameter [0:0] IS_CLKBWRCLK_INVERTED = 0,
    parameter [0:0] IS_ENARDEN_INVERTED = 0,
    parameter [0:0] IS_ENBWREN_INVERTED = 0,
    parameter [0:0] IS_RSTRAMARSTRAM_INVERTED = 0,
    parameter [0:0] IS_RSTRAMB_INVERTED = 0
) (
    input  wire CLKARDCLK,
    input  wire CLKBWRCLK,
    input  wire ENARDEN,
    input  wire ENBWREN,
    input  wire REGCEAREGCE,
    input  wire REGCEB,
    input  wire RSTRAMARSTRAM,
    input  wire RSTRAMB,
    input  wire RSTREGARSTREG,
    input  wire RSTREGB,
    input  wire [13:0] ADDRARDADDR,
    input  wire [13:0] ADDRBWRADDR,
    input  wire [15:0] DIADI,
    input  wire [15:0] DIBDI,
    input  wire [1:0] DIPADIP,
    input  wire [1:0] DIPBDIP,
    input  wire [1:0] WEA,
    input  wire [3:0] WEBWE,
    output wire [15:0] DOADO,
    output wire [15:0] DOBDO,
    output wire [1:0] DOPADOP,
    output wire [1:0] DOPBDOP
);
  ramb_cell #(
      .PORT_BYTES(2),
      .ADDRESS_WIDTH(14),
      .IMAGE(IMAGE),
      .RAM_MODE(RAM_MODE),
      .READ_WIDTH_A(READ_WIDTH_A),
      .READ_WIDTH_B(READ_WIDTH_B),
      .WRITE_WIDTH_A(WRITE_WIDTH_A),
      .WRITE_WIDTH_B(WRITE_WIDTH_B),
      .WRITE_MODE_A(WRITE_MODE_A),
      .WRITE_MODE_B(WRITE_MODE_B),
      .SRVAL_A(SRVAL_A),
      .SRVAL_B(SRVAL_B),
      .HAS_REGISTERS_OR_CASCADE(DOA_REG != 0 || DOB_REG != 0 || RAM_EXTENSION_A != "NONE" || RAM_EXTENSION_B != "NONE"),
      .HAS_INVERTED_PINS(IS_CLKARDCLK_INVERTED || IS_CLKBWRCLK_INVERTED || IS_ENARDEN_INVERTED || IS_ENBWREN_INVERTED
          || IS_RSTRAMARSTRAM_INVERTED || IS_RSTRAMB_INVERTED)
  ) u_ram (
      .clk_a_i(CLKARDCLK),
      .enable_a_i(ENARDEN),
      .reset_a_i(RSTRAMARSTRAM),
      .write_a_i(WEA),
      .address_a_i(ADDRARDADDR),
      .data_a_i(DIADI),
      .parity_a_i(DIPADIP),
      .data_a_o(DOADO),
      .parity_a_o(DOPADOP),
      .clk_b_i(CLKBWRCLK),
      .enable_b_i(ENBWREN),
      .reset_b_i(RSTRAMB),
      .write_b_i(WEBWE),
      .address_b_i(ADDRBWRADDR),
      .data_b_i(DIBDI),
      .parity_b_i(DIPBDIP),
      .data_b_o(DOBDO),
      .parity_b_o(DOPBDOP)
  );
endmodule

`default_nettype wire
