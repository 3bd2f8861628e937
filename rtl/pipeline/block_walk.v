// Walks the rows of the blocks of a tensor, a row a cycle while next_i is high: pixel after pixel, block after block, row
// after row. The words of a row are base_o + m 2^stride_o; inside_o names those that the tensor has, the rest of a
// pixel's last block being none. Blocks begin at multiples of k.
`default_nettype none

module block_walk #(
    parameter LOG2_PATHS = 2,
    parameter LOG2_K_MAX = 11
) (
    input  wire                         clk,
    input  wire                         start_i,
    input  wire                         next_i,
    input  wire [                  3:0] log2_k_i,
    input  wire [                 23:0] pixels_i,
    input  wire [                 23:0] blocks_i,        // of a pixel
    input  wire [       LOG2_K_MAX-0:0] tail_i,          // words of a pixel's last block
    input  wire [                 23:0] base_i,
    input  wire [                 23:0] pixel_stride_i,
    output wire [                 23:0] base_o,
    output wire [                  3:0] stride_o,
    output wire [(2<<LOG2_PATHS)-1:0]   inside_o,
    output wire                         pixel_last_o,    // the last row of a pixel
    output wire                         last_o
);
  localparam WORDS = 2 << LOG2_PATHS;
  localparam LOG2_WORDS = LOG2_PATHS + 1;
  localparam ROW_WIDTH = LOG2_K_MAX - LOG2_WORDS;  // log2 of the most rows of a block
  localparam [31:0] ROW_BITS = LOG2_WORDS;
  localparam [ROW_WIDTH:0] ONE_ROW = 1;

  wire [3:0] row_bits = (log2_k_i > ROW_BITS[3:0]) ? log2_k_i - ROW_BITS[3:0] : 4'd0;
  wire [ROW_WIDTH:0] rows = ONE_ROW << row_bits;
  wire [23:0] k = 24'd1 << log2_k_i;

  reg [ROW_WIDTH-1:0] row_q;
  reg [23:0] block_q, pixel_q, block_base_q, pixel_base_q;
  wire row_last = ({1'b0, row_q} == rows - ONE_ROW);
  wire block_last = (block_q == blocks_i - 24'd1);
  assign pixel_last_o = row_last && block_last;
  assign last_o = pixel_last_o && (pixel_q == pixels_i - 24'd1);
  wire [23:0] next_pixel = pixel_base_q + pixel_stride_i;

  always @(posedge clk) begin
    if (start_i) begin
      row_q <= {ROW_WIDTH{1'b0}};
      block_q <= 24'd0;
      pixel_q <= 24'd0;
      block_base_q <= base_i;
      pixel_base_q <= base_i;
    end else if (next_i) begin
      row_q <= row_last ? {ROW_WIDTH{1'b0}} : row_q + ONE_ROW[ROW_WIDTH-1:0];
      if (row_last) begin
        block_q <= block_last ? 24'd0 : block_q + 24'd1;
        block_base_q <= block_last ? next_pixel : block_base_q + k;
        if (block_last) begin
          pixel_base_q <= next_pixel;
          pixel_q <= pixel_q + 24'd1;
        end
      end
    end
  end

  wire [ROW_WIDTH-1:0] reversed;
  bit_reverse #(.WIDTH(ROW_WIDTH)) u_reverse (
      .bits_i(row_bits),
      .i_i(row_q),
      .y_o(reversed)
  );
  assign stride_o = row_bits;
  assign base_o = block_base_q + {{(24 - ROW_WIDTH) {1'b0}}, reversed};

  genvar word;
  generate
    for (word = 0; word < WORDS; word = word + 1) begin : g_word
      localparam [LOG2_K_MAX:0] WORD = word;
      wire [LOG2_K_MAX:0] place = {{(LOG2_K_MAX + 1 - ROW_WIDTH) {1'b0}}, reversed} | (WORD << row_bits);
      assign inside_o[word] = block_last ? (place < tail_i) : (place < k[LOG2_K_MAX:0]);
    end
  endgenerate

  wire _unused_ok = &{1'b0, k};
endmodule

`default_nettype wire
