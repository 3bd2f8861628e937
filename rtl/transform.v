// Stages 2 .. log2 k of the transforms of all blocks, in place in the spectrum memory: one butterfly a cycle, a stage
// of all blocks after the other. Stage t joins the locations x and x + 2^(t-2); its twiddle is that of bin(x) of the
// group. The forward transform takes the stages upward, the inverse downward (stage 1 is done by load.v and unload.v).
`default_nettype none

module transform #(
    parameter LOG2_K_MAX = 11,
    parameter SPECTRUM_WIDTH = 13,
    parameter TWIDDLE_IMAGE = ""
) (
    input  wire                      clk,
    input  wire                      rst_i,
    input  wire                      start_i,
    input  wire                      inverse_i,
    input  wire [               3:0] log2_k_i,
    input  wire [              23:0] locations_i,
    input  wire [              15:0] schedule_i,
    input  wire [SPECTRUM_WIDTH-1:0] base_i,
    output wire                      busy_o,
    output wire [SPECTRUM_WIDTH-1:0] read_address_a_o,
    output wire [SPECTRUM_WIDTH-1:0] read_address_b_o,
    input  wire [              31:0] data_a_i,
    input  wire [              31:0] data_b_i,
    output wire                      write_o,
    output wire [SPECTRUM_WIDTH-1:0] write_address_a_o,
    output wire [SPECTRUM_WIDTH-1:0] write_address_b_o,
    output wire [              31:0] data_a_o,
    output wire [              31:0] data_b_o,
    output wire [               3:0] stage_o
);
  localparam LOCATION_WIDTH = LOG2_K_MAX - 1;
  localparam TWIDDLE_WIDTH = LOG2_K_MAX - 2;
  localparam LATENCY = 5;  // the memory's cycle and the butterfly's four
  localparam [31:0] ALL_STAGES = LOG2_K_MAX;

  reg running_q, issuing_q;
  reg [3:0] stage_q;
  reg [23:0] count_q;
  reg [LATENCY-1:0] valid_q;
  wire [3:0] last_stage = inverse_i ? 4'd2 : log2_k_i;
  wire [23:0] total = locations_i >> 1;
  wire stage_ends = running_q && !issuing_q && (valid_q == {LATENCY{1'b0}});

  assign busy_o  = running_q;
  assign stage_o = stage_q;

  always @(posedge clk) begin
    if (rst_i) begin
      running_q <= 1'b0;
      issuing_q <= 1'b0;
      stage_q   <= 4'd0;
      count_q   <= 24'd0;
      valid_q   <= {LATENCY{1'b0}};
    end else begin
      valid_q <= {valid_q[LATENCY-2:0], issuing_q};
      if (start_i) begin
        running_q <= (log2_k_i >= 4'd2);
        issuing_q <= (log2_k_i >= 4'd2);
        stage_q   <= inverse_i ? log2_k_i : 4'd2;
        count_q   <= 24'd0;
      end else if (issuing_q) begin
        count_q <= count_q + 24'd1;
        if (count_q == total - 24'd1) issuing_q <= 1'b0;
      end else if (stage_ends) begin
        running_q <= (stage_q != last_stage);
        issuing_q <= (stage_q != last_stage);
        stage_q   <= inverse_i ? stage_q - 4'd1 : stage_q + 4'd1;
        count_q   <= 24'd0;
      end
    end
  end

  // Locations: the counter with a zero put in at the place of the distance.
  wire [23:0] distance = (24'd1 << stage_q) >> 2;
  wire [23:0] low = count_q & (distance - 24'd1);
  wire [23:0] location = ((count_q - low) << 1) + low;
  wire [23:0] partner = location + distance;
  assign read_address_a_o = base_i + location[SPECTRUM_WIDTH-1:0];
  assign read_address_b_o = base_i + partner[SPECTRUM_WIDTH-1:0];

  wire [LOCATION_WIDTH-1:0] bin;
  bin_at_location #(.WIDTH(LOCATION_WIDTH)) u_bin (
      .location_i(low[LOCATION_WIDTH-1:0]),
      .bin_o(bin)
  );
  wire [LOCATION_WIDTH-1:0] angle = bin << (ALL_STAGES[3:0] - stage_q);
  wire [TWIDDLE_WIDTH-1:0] cosine_address = angle[TWIDDLE_WIDTH-1:0];
  wire [15:0] cosine, sine;
  rom #(
      .WIDTH(16),
      .ADDRESS_WIDTH(TWIDDLE_WIDTH),
      .IMAGE(TWIDDLE_IMAGE)
  ) u_twiddles (
      .clk(clk),
      .address_a_i(cosine_address),
      .address_b_i({TWIDDLE_WIDTH{1'b0}} - cosine_address),
      .data_a_o(cosine),
      .data_b_o(sine)
  );

  reg first_q;
  always @(posedge clk) first_q <= (low == 24'd0);

  butterfly u_butterfly (
      .clk(clk),
      .inverse_i(inverse_i),
      .scaled_i(schedule_i[stage_q-4'd1]),
      .first_i(first_q),
      .cosine_i(cosine),
      .sine_i(sine),
      .x_re_i(data_a_i[15:0]),
      .x_im_i(data_a_i[31:16]),
      .y_re_i(data_b_i[15:0]),
      .y_im_i(data_b_i[31:16]),
      .x_re_o(data_a_o[15:0]),
      .x_im_o(data_a_o[31:16]),
      .y_re_o(data_b_o[15:0]),
      .y_im_o(data_b_o[31:16])
  );

  // The addresses travel beside the words.
  reg [2*SPECTRUM_WIDTH*LATENCY-1:0] addresses_q;
  always @(posedge clk)
    addresses_q <= {
      addresses_q[2*SPECTRUM_WIDTH*(LATENCY-1)-1:0], read_address_b_o, read_address_a_o
    };
  assign write_o = valid_q[LATENCY-1];
  assign {write_address_b_o, write_address_a_o} =
      addresses_q[2*SPECTRUM_WIDTH*LATENCY-1 -: 2*SPECTRUM_WIDTH];

  wire _unused_ok = &{1'b0, angle[LOCATION_WIDTH-1], low, location, partner};
endmodule

`default_nettype wire
