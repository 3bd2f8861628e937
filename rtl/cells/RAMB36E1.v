// Block memory of the Xilinx 7 series, 36 kilobits, in the modes that Yosys puts this project's memories in: one width for
// all ports in use, of which at most one writes; no output registers, no cascades, no inverted pins. Another mode does
// not elaborate. IMAGE holds its first words, the ninth bits in their places.
`default_nettype none

module RAMB36E1 #(
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
    parameter [35:0] INIT_A = 0,
    parameter [35:0] INIT_B = 0,
    parameter [35:0] SRVAL_A = 0,
    parameter [35:0] SRVAL_B = 0,
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
    input  wire [15:0] ADDRARDADDR,
    input  wire [15:0] ADDRBWRADDR,
    input  wire [31:0] DIADI,
    input  wire [31:0] DIBDI,
    input  wire [3:0] DIPADIP,
    input  wire [3:0] DIPBDIP,
    input  wire [3:0] WEA,
    input  wire [7:0] WEBWE,
    output wire [31:0] DOADO,
    output wire [31:0] DOBDO,
    output wire [3:0] DOPADOP,
    output wire [3:0] DOPBDOP
);
  localparam READS = (READ_WIDTH_A > READ_WIDTH_B) ? READ_WIDTH_A : READ_WIDTH_B;
  localparam WRITES = (WRITE_WIDTH_A > WRITE_WIDTH_B) ? WRITE_WIDTH_A : WRITE_WIDTH_B;
  localparam WIDTH = (READS > WRITES) ? READS : WRITES;
  localparam BYTES = (WIDTH < 9) ? 1 : WIDTH / 9;
  localparam LOG2_DATA = $clog2((WIDTH < 9) ? WIDTH : 8 * BYTES);
  localparam ADDRESS_WIDTH = 15 - LOG2_DATA;
  localparam SIMPLE = (RAM_MODE == "SDP");
  localparam WIDE = (WIDTH > 36);

  generate
    if ((READ_WIDTH_A != 0 && READ_WIDTH_A != WIDTH) || (READ_WIDTH_B != 0 && READ_WIDTH_B != WIDTH)
        || (WRITE_WIDTH_A != 0 && WRITE_WIDTH_A != WIDTH) || (WRITE_WIDTH_B != 0 && WRITE_WIDTH_B != WIDTH))
    begin : g_bad_widths
      ERROR_RAMB36E1_different_widths_are_not_modelled u_bad ();
    end
    if (WRITE_WIDTH_A != 0 && WRITE_WIDTH_B != 0) begin : g_bad_writes
      ERROR_RAMB36E1_two_writing_ports_are_not_modelled u_bad ();
    end
    if ((RAM_MODE != "TDP" || WIDE) && (!SIMPLE || READ_WIDTH_B != 0 || WRITE_WIDTH_A != 0)) begin : g_bad_mode
      ERROR_RAMB36E1_this_mode_is_not_modelled u_bad ();
    end
    if (DOA_REG != 0 || DOB_REG != 0 || RAM_EXTENSION_A != "NONE" || RAM_EXTENSION_B != "NONE") begin : g_bad_registers
      ERROR_RAMB36E1_output_registers_and_cascades_are_not_modelled u_bad ();
    end
    if (IS_CLKARDCLK_INVERTED || IS_CLKBWRCLK_INVERTED || IS_ENARDEN_INVERTED || IS_ENBWREN_INVERTED
        || IS_RSTRAMARSTRAM_INVERTED || IS_RSTRAMB_INVERTED) begin : g_bad_inverted
      ERROR_RAMB36E1_inverted_pins_are_not_modelled u_bad ();
    end
  endgenerate

  // A wide word has the pins of both ports: written, the data pins, and read, those of port A below those of port B.
  wire [63:0] data_a = {32'd0, DIADI};
  wire [7:0] parity_a = {4'd0, DIPADIP};
  wire [63:0] data_b = WIDE ? {DIBDI, DIADI} : {32'd0, DIBDI};
  wire [7:0] parity_b = WIDE ? {DIPBDIP, DIPADIP} : {4'd0, DIPBDIP};
  wire [71:0] written_a, written_b, read_a, read_b, reset_word_a, reset_word_b;
  wire [63:0] out_a, out_b;
  wire [7:0] parity_out_a, parity_out_b;
  genvar place;
  generate
    for (place = 0; place < 8; place = place + 1) begin : g_place
      assign written_a[9*place+:9] = {parity_a[place], data_a[8*place+:8]};
      assign written_b[9*place+:9] = {parity_b[place], data_b[8*place+:8]};
      assign {parity_out_a[place], out_a[8*place+:8]} = read_a[9*place+:9];
      assign {parity_out_b[place], out_b[8*place+:8]} = read_b[9*place+:9];
    end
    for (place = 0; place < 4; place = place + 1) begin : g_reset
      assign reset_word_a[9*place+:9] = {SRVAL_A[32+place], SRVAL_A[8*place+:8]};
      assign reset_word_a[36+9*place+:9] = {SRVAL_B[32+place], SRVAL_B[8*place+:8]};
      assign reset_word_b[9*place+:9] = {SRVAL_B[32+place], SRVAL_B[8*place+:8]};
      assign reset_word_b[36+9*place+:9] = 9'd0;
    end
  endgenerate
  assign DOADO = out_a[31:0];
  assign DOPADOP = parity_out_a[3:0];
  assign DOBDO = WIDE ? out_a[63:32] : out_b[31:0];
  assign DOPBDOP = WIDE ? parity_out_a[7:4] : parity_out_b[3:0];

  wire [7:0] write_a = (WRITE_WIDTH_A == 0) ? 8'd0 : {4'd0, WEA};
  wire [7:0] write_b = (WRITE_WIDTH_B == 0) ? 8'd0 : WEBWE;
  wire [WIDTH-1:0] word_a, word_b;
  assign read_a = {{(72 - WIDTH) {1'b0}}, word_a};
  assign read_b = {{(72 - WIDTH) {1'b0}}, word_b};
  ram_cell #(
      .WIDTH(WIDTH),
      .BYTES(BYTES),
      .ADDRESS_WIDTH(ADDRESS_WIDTH),
      .IMAGE(IMAGE),
      .WRITES_A(WRITE_WIDTH_A),
      .WRITES_B(WRITE_WIDTH_B),
      .MODE_A(WRITE_MODE_A == "READ_FIRST" ? 1 : WRITE_MODE_A == "WRITE_FIRST" ? 2 : 0),
      .MODE_B(WRITE_MODE_B == "READ_FIRST" ? 1 : WRITE_MODE_B == "WRITE_FIRST" ? 2 : 0)
  ) u_ram (
      .clk_a_i(CLKARDCLK),
      .enable_a_i(ENARDEN),
      .reset_a_i(RSTRAMARSTRAM),
      .write_a_i(write_a[BYTES-1:0]),
      .address_a_i(ADDRARDADDR[LOG2_DATA+:ADDRESS_WIDTH]),
      .data_a_i(written_a[WIDTH-1:0]),
      .reset_word_a_i(reset_word_a[WIDTH-1:0]),
      .data_a_o(word_a),
      .clk_b_i(CLKBWRCLK),
      .enable_b_i(ENBWREN),
      .reset_b_i(RSTRAMB),
      .write_b_i(write_b[BYTES-1:0]),
      .address_b_i(ADDRBWRADDR[LOG2_DATA+:ADDRESS_WIDTH]),
      .data_b_i(written_b[WIDTH-1:0]),
      .reset_word_b_i(reset_word_b[WIDTH-1:0]),
      .data_b_o(word_b)
  );
endmodule

`default_nettype wire
