// Two words read and two written in a cycle, from three banks chosen by the address modulo 3. The addresses of a pair
// differ by a power of two, which 3 does not divide, so they never meet in a bank wherever a tensor starts. Of a pair with
// one member in use that is a for reading, either for writing. Words read stand one cycle later.
// Two neighbours are never in one bank, so half the address is the place in it: three banks of half the words.
`default_nettype none

module ternary_memory #(
    parameter WIDTH = 16,
    parameter ADDRESS_WIDTH = 10
) (
    input  wire                     clk,
    input  wire [ADDRESS_WIDTH-1:0] read_address_a_i,
    input  wire [ADDRESS_WIDTH-1:0] read_address_b_i,
    output wire [        WIDTH-1:0] data_a_o,
    output wire [        WIDTH-1:0] data_b_o,
    input  wire                     write_a_i,
    input  wire                     write_b_i,
    input  wire [ADDRESS_WIDTH-1:0] write_address_a_i,
    input  wire [ADDRESS_WIDTH-1:0] write_address_b_i,
    input  wire [        WIDTH-1:0] data_a_i,
    input  wire [        WIDTH-1:0] data_b_i
);
  localparam [24-ADDRESS_WIDTH:0] NOUGHT = 0;

  wire [1:0] read_bank_a, read_bank_b, write_bank_a, write_bank_b;
  wire [24:0] read_a = {NOUGHT, read_address_a_i};
  wire [24:0] read_b = {NOUGHT, read_address_b_i};
  wire [24:0] write_a = {NOUGHT, write_address_a_i};
  wire [24:0] write_b = {NOUGHT, write_address_b_i};
  modulo_3 u_read_a (.a_i(read_a[23:0]), .y_o(read_bank_a));
  modulo_3 u_read_b (.a_i(read_b[23:0]), .y_o(read_bank_b));
  modulo_3 u_write_a (.a_i(write_a[23:0]), .y_o(write_bank_a));
  modulo_3 u_write_b (.a_i(write_b[23:0]), .y_o(write_bank_b));

  wire [3*WIDTH-1:0] words;
  genvar bank;
  generate
    for (bank = 0; bank < 3; bank = bank + 1) begin : g_bank
      localparam [1:0] BANK = bank;
      wire writes_a = write_a_i && (write_bank_a == BANK);
      wire writes_b = write_b_i && (write_bank_b == BANK);
      memory #(
          .WIDTH(WIDTH),
          .ADDRESS_WIDTH(ADDRESS_WIDTH - 1)
      ) u_bank (
          .clk(clk),
          .write_i(writes_a || writes_b),
          .write_address_i(writes_a ? write_address_a_i[ADDRESS_WIDTH-1:1] : write_address_b_i[ADDRESS_WIDTH-1:1]),
          .data_i(writes_a ? data_a_i : data_b_i),
          .read_address_i((read_bank_a == BANK) ? read_address_a_i[ADDRESS_WIDTH-1:1]
                                                : read_address_b_i[ADDRESS_WIDTH-1:1]),
          .data_o(words[WIDTH*bank+:WIDTH])
      );
    end
  endgenerate

  reg [1:0] bank_a_q, bank_b_q;
  always @(posedge clk) begin
    bank_a_q <= read_bank_a;
    bank_b_q <= read_bank_b;
  end
  assign data_a_o = (bank_a_q == 2'd0) ? words[WIDTH-1:0] : (bank_a_q == 2'd1) ? words[2*WIDTH-1:WIDTH]
                                                                              : words[3*WIDTH-1:2*WIDTH];
  assign data_b_o = (bank_b_q == 2'd0) ? words[WIDTH-1:0] : (bank_b_q == 2'd1) ? words[2*WIDTH-1:WIDTH]
                                                                              : words[3*WIDTH-1:2*WIDTH];

  wire _unused_ok = &{1'b0, read_a[24], read_b[24], write_a[24], write_b[24]};
endmodule

`default_nettype wire
