// What RAMB18E1 and RAMB36E1 of the Xilinx 7 series share, PORT_BYTES data bytes a port being their size, in the modes that Yosys
// puts memories in: ports of any two widths, of which at most one writes, or one wide word written by port B and read by
// port A; no output registers, no cascades, no inverted pins. Another mode does not elaborate. IMAGE holds the first words, as
// wide as the wider port, the ninth bits in their places.
`default_nettype none

module ramb_cell #(
    parameter PORT_BYTES = 2,
    parameter ADDRESS_WIDTH = 14,
    parameter IMAGE = "",
    parameter RAM_MODE = "TDP",
    parameter READ_WIDTH_A = 0,
    parameter READ_WIDTH_B = 0,
    parameter WRITE_WIDTH_A = 0,
    parameter WRITE_WIDTH_B = 0,
    parameter WRITE_MODE_A = "WRITE_FIRST",
    parameter WRITE_MODE_B = "WRITE_FIRST",
    parameter [9*PORT_BYTES-1:0] SRVAL_A = 0,
    parameter [9*PORT_BYTES-1:0] SRVAL_B = 0,
    parameter [0:0] HAS_REGISTERS_OR_CASCADE = 0,
    parameter [0:0] HAS_INVERTED_PINS = 0
) (
    input  wire                     clk_a_i,
    input  wire                     enable_a_i,
    input  wire                     reset_a_i,
    input  wire [   PORT_BYTES-1:0] write_a_i,
    input  wire [ADDRESS_WIDTH-1:0] address_a_i,
    input  wire [ 8*PORT_BYTES-1:0] data_a_i,
    input  wire [   PORT_BYTES-1:0] parity_a_i,
    output wire [ 8*PORT_BYTES-1:0] data_a_o,
    output wire [   PORT_BYTES-1:0] parity_a_o,
    input  wire                     clk_b_i,
    input  wire                     enable_b_i,
    input  wire                     reset_b_i,
    input  wire [ 2*PORT_BYTES-1:0] write_b_i,
    input  wire [ADDRESS_WIDTH-1:0] address_b_i,
    input  wire [ 8*PORT_BYTES-1:0] data_b_i,
    input  wire [   PORT_BYTES-1:0] parity_b_i,
    output wire [ 8*PORT_BYTES-1:0] data_b_o,
    output wire [   PORT_BYTES-1:0] parity_b_o
);
  localparam PORT = 9 * PORT_BYTES;
  localparam WIDE = (RAM_MODE == "SDP");
  localparam USED_A = (READ_WIDTH_A > WRITE_WIDTH_A) ? READ_WIDTH_A : WRITE_WIDTH_A;
  localparam USED_B = (READ_WIDTH_B > WRITE_WIDTH_B) ? READ_WIDTH_B : WRITE_WIDTH_B;
  // A port that is not used has the width of the other.
  localparam WIDTH_A = (USED_A == 0) ? USED_B : USED_A;
  localparam WIDTH_B = (USED_B == 0) ? USED_A : USED_B;
  localparam BYTES_A = (WIDTH_A < 18) ? 1 : WIDTH_A / 9;
  localparam BYTES_B = (WIDTH_B < 18) ? 1 : WIDTH_B / 9;

  generate
    if ((READ_WIDTH_A != 0 && READ_WIDTH_A != USED_A) || (WRITE_WIDTH_A != 0 && WRITE_WIDTH_A != USED_A)
        || (READ_WIDTH_B != 0 && READ_WIDTH_B != USED_B) || (WRITE_WIDTH_B != 0 && WRITE_WIDTH_B != USED_B))
    begin : g_bad_widths
      ERROR_RAMB_a_port_that_reads_and_writes_different_widths_is_not_modelled u_bad ();
    end
    if ((RAM_MODE != "TDP" && !WIDE) || (WIDE && (READ_WIDTH_B != 0 || WRITE_WIDTH_A != 0 || WIDTH_A != WIDTH_B))
        || (!WIDE && (WIDTH_A > PORT || WIDTH_B > PORT))) begin : g_bad_mode
      ERROR_RAMB_this_mode_is_not_modelled u_bad ();
    end
    if (HAS_REGISTERS_OR_CASCADE) begin : g_bad_registers
      ERROR_RAMB_output_registers_and_cascades_are_not_modelled u_bad ();
    end
    if (HAS_INVERTED_PINS) begin : g_bad_inverted
      ERROR_RAMB_inverted_pins_are_not_modelled u_bad ();
    end
  endgenerate

  // A wide word has the pins of both ports: written, the data pins, and read, those of port A below those of port B.
  wire [PORT-1:0] pins_a, pins_b, reset_pins_a, reset_pins_b;
  wire [2*PORT-1:0] read_a, read_b;
  genvar place;
  generate
    for (place = 0; place < PORT_BYTES; place = place + 1) begin : g_place
      assign pins_a[9*place+:9] = {parity_a_i[place], data_a_i[8*place+:8]};
      assign pins_b[9*place+:9] = {parity_b_i[place], data_b_i[8*place+:8]};
      assign reset_pins_a[9*place+:9] = {SRVAL_A[8*PORT_BYTES+place], SRVAL_A[8*place+:8]};
      assign reset_pins_b[9*place+:9] = {SRVAL_B[8*PORT_BYTES+place], SRVAL_B[8*place+:8]};
      assign {parity_a_o[place], data_a_o[8*place+:8]} = read_a[9*place+:9];
      assign {parity_b_o[place], data_b_o[8*place+:8]} = WIDE ? read_a[PORT+9*place+:9] : read_b[9*place+:9];
    end
  endgenerate
  wire [2*PORT-1:0] written_a = {{PORT{1'b0}}, pins_a};
  wire [2*PORT-1:0] written_b = WIDE ? {pins_b, pins_a} : {{PORT{1'b0}}, pins_b};
  wire [2*PORT-1:0] reset_word_a = {reset_pins_b, reset_pins_a};
  wire [2*PORT-1:0] reset_word_b = {{PORT{1'b0}}, reset_pins_b};

  wire [WIDTH_A-1:0] word_a;
  wire [WIDTH_B-1:0] word_b;
  assign read_a = {{(2 * PORT - WIDTH_A) {1'b0}}, word_a};
  assign read_b = {{(2 * PORT - WIDTH_B) {1'b0}}, word_b};
  wire [2*PORT_BYTES-1:0] write_a = {{PORT_BYTES{1'b0}}, write_a_i};
  ram_cell #(
      .ADDRESS_WIDTH(ADDRESS_WIDTH),
      .WIDTH_A(WIDTH_A),
      .WIDTH_B(WIDTH_B),
      .IMAGE(IMAGE),
      .WRITES_A(WRITE_WIDTH_A),
      .WRITES_B(WRITE_WIDTH_B),
      .MODE_A(WRITE_MODE_A == "READ_FIRST" ? 1 : WRITE_MODE_A == "WRITE_FIRST" ? 2 : 0),
      .MODE_B(WRITE_MODE_B == "READ_FIRST" ? 1 : WRITE_MODE_B == "WRITE_FIRST" ? 2 : 0)
  ) u_ram (
      .clk_a_i(clk_a_i),
      .enable_a_i(enable_a_i),
      .reset_a_i(reset_a_i),
      .write_a_i(write_a[BYTES_A-1:0]),
      .address_a_i(address_a_i),
      .data_a_i(written_a[WIDTH_A-1:0]),
      .reset_word_a_i(reset_word_a[WIDTH_A-1:0]),
      .data_a_o(word_a),
      .clk_b_i(clk_b_i),
      .enable_b_i(enable_b_i),
      .reset_b_i(reset_b_i),
      .write_b_i(write_b_i[BYTES_B-1:0]),
      .address_b_i(address_b_i),
      .data_b_i(written_b[WIDTH_B-1:0]),
      .reset_word_b_i(reset_word_b[WIDTH_B-1:0]),
      .data_b_o(word_b)
  );
endmodule

`default_nettype wire
