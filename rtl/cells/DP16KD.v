// Block memory of the Lattice ECP5, 18 kilobits, in the modes that Yosys puts memories in: ports of any two widths, of which at
// most one writes, and a word of 36 bits is written by port A and read by port B; no output registers, no inverted clocks.
// Another mode does not elaborate; under an asynchronous reset, which none of its uses has, all words come out inverted.
// A synchronous reset holds back its port's writes. IMAGE holds the first words, as wide as the wider port; WRITES_A and
// WRITES_B are 0 where a port never writes.
`default_nettype none

module DP16KD #(
    parameter IMAGE = "",
    parameter WRITES_A = 1,
    parameter WRITES_B = 1,
    parameter DATA_WIDTH_A = 18,
    parameter DATA_WIDTH_B = 18,
    parameter REGMODE_A = "NOREG",
    parameter REGMODE_B = "NOREG",
    parameter RESETMODE = "SYNC",
    parameter ASYNC_RESET_RELEASE = "SYNC",
    parameter CSDECODE_A = "0b000",
    parameter CSDECODE_B = "0b000",
    parameter CLKAMUX = "CLKA",
    parameter CLKBMUX = "CLKB",
    parameter WRITEMODE_A = "NORMAL",
    parameter WRITEMODE_B = "NORMAL",
    parameter GSR = "AUTO"
) (
    input wire CLKA, CLKB, WEA, WEB, CEA, CEB, OCEA, OCEB, RSTA, RSTB, CSA0, CSA1, CSA2, CSB0, CSB1, CSB2,
    input wire ADA0, ADA1, ADA2, ADA3, ADA4, ADA5, ADA6, ADA7, ADA8, ADA9, ADA10, ADA11, ADA12, ADA13,
    input wire ADB0, ADB1, ADB2, ADB3, ADB4, ADB5, ADB6, ADB7, ADB8, ADB9, ADB10, ADB11, ADB12, ADB13,
    input wire DIA0, DIA1, DIA2, DIA3, DIA4, DIA5, DIA6, DIA7, DIA8, DIA9, DIA10, DIA11, DIA12, DIA13, DIA14, DIA15,
        DIA16, DIA17,
    input wire DIB0, DIB1, DIB2, DIB3, DIB4, DIB5, DIB6, DIB7, DIB8, DIB9, DIB10, DIB11, DIB12, DIB13, DIB14, DIB15,
        DIB16, DIB17,
    output wire DOA0, DOA1, DOA2, DOA3, DOA4, DOA5, DOA6, DOA7, DOA8, DOA9, DOA10, DOA11, DOA12, DOA13, DOA14, DOA15,
        DOA16, DOA17,
    output wire DOB0, DOB1, DOB2, DOB3, DOB4, DOB5, DOB6, DOB7, DOB8, DOB9, DOB10, DOB11, DOB12, DOB13, DOB14, DOB15,
        DOB16, DOB17
);
  localparam BYTES_A = (DATA_WIDTH_A < 18) ? 1 : DATA_WIDTH_A / 9;
  localparam BYTES_B = (DATA_WIDTH_B < 18) ? 1 : DATA_WIDTH_B / 9;
  localparam WIDE_A = (DATA_WIDTH_A == 36);
  localparam WIDE_B = (DATA_WIDTH_B == 36);

  generate
    if (WIDE_B && WRITES_B != 0) begin : g_bad_width
      ERROR_DP16KD_a_port_B_that_writes_36_bits_is_not_modelled u_bad ();
    end
    if (REGMODE_A != "NOREG" || REGMODE_B != "NOREG" || CSDECODE_A != "0b000"
        || CSDECODE_B != "0b000" || CLKAMUX != "CLKA" || CLKBMUX != "CLKB") begin : g_bad_mode
      ERROR_DP16KD_this_mode_is_not_modelled u_bad ();
    end
  endgenerate

  wire [13:0] address_a = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
  wire [13:0] address_b = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
  wire [17:0] data_a = {
      DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1,
      DIA0
    };
  wire [17:0] data_b = {
      DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1,
      DIB0
    };
  wire [35:0] written_a = WIDE_A ? {data_b, data_a} : {18'd0, data_a};
  wire [35:0] written_b = {18'd0, data_b};
  // The lowest address pins of wide words say which bytes are written.
  wire [3:0] write_a = (DATA_WIDTH_A < 18) ? {3'd0, WEA} : address_a[3:0] & {4{WEA}};
  wire [3:0] write_b = (DATA_WIDTH_B < 18) ? {3'd0, WEB} : address_b[3:0] & {4{WEB}};
  wire selected_a = ~(CSA0 | CSA1 | CSA2);
  wire selected_b = ~(CSB0 | CSB1 | CSB2);

  wire [DATA_WIDTH_A-1:0] word_a;
  wire [DATA_WIDTH_B-1:0] word_b;
  wire refused = (RESETMODE != "SYNC") && (RSTA || RSTB);
  wire [35:0] read_a = {{(36 - DATA_WIDTH_A) {1'b0}}, word_a} ^ {36{refused}};
  wire [35:0] read_b = {{(36 - DATA_WIDTH_B) {1'b0}}, word_b} ^ {36{refused}};
  ram_cell #(
      .ADDRESS_WIDTH(14),
      .WIDTH_A(DATA_WIDTH_A),
      .WIDTH_B(DATA_WIDTH_B),
      .IMAGE(IMAGE),
      .WRITES_A(WRITES_A),
      .WRITES_B(WRITES_B),
      .MODE_A(WRITEMODE_A == "READBEFOREWRITE" ? 1 : WRITEMODE_A == "WRITETHROUGH" ? 2 : 0),
      .MODE_B(WRITEMODE_B == "READBEFOREWRITE" ? 1 : WRITEMODE_B == "WRITETHROUGH" ? 2 : 0),
      .RESET_NEEDS_ENABLE(0),
      .RESET_BLOCKS_WRITE(1)
  ) u_ram (
      .clk_a_i(CLKA),
      .enable_a_i(CEA && selected_a),
      .reset_a_i(RSTA && RESETMODE == "SYNC"),
      .write_a_i(write_a[BYTES_A-1:0]),
      .address_a_i(address_a),
      .data_a_i(written_a[DATA_WIDTH_A-1:0]),
      .reset_word_a_i({DATA_WIDTH_A{1'b0}}),
      .data_a_o(word_a),
      .clk_b_i(CLKB),
      .enable_b_i(CEB && selected_b),
      .reset_b_i(RSTB && RESETMODE == "SYNC"),
      .write_b_i(write_b[BYTES_B-1:0]),
      .address_b_i(address_b),
      .data_b_i(written_b[DATA_WIDTH_B-1:0]),
      .reset_word_b_i({DATA_WIDTH_B{1'b0}}),
      .data_b_o(word_b)
  );
  // A wide word is read at the pins of both ports, its low half at those of port A.
  assign {
      DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1,
      DOA0
    } = WIDE_B ? read_b[17:0] : read_a[17:0];
  assign {
      DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1,
      DOB0
    } = WIDE_B ? read_b[35:18] : read_b[17:0];
endmodule

`default_nettype wire
