/* The instructions of the kernels by SSE4.1: each is the one instruction that an engine on x86 can make of it. */
#include <smmintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uintptr_t usize;
typedef int32_t i32;
typedef uint32_t u32;
typedef int16_t i16;
typedef uint16_t u16;
typedef uint8_t u8;
typedef __m128i v128;

/** Where byte 0 of the wasm memory stands: a displacement of 32 bits, so that an address costs what a pointer costs. */
#define MEMORY 0x10000000UL
#define AT(type, address) ((type *)(MEMORY + (address)))

/* The second or third argument, the constant offset, is optional. */
#define PICK_2(_1, _2, name, ...) name
#define PICK_3(_1, _2, _3, name, ...) name
#define LOAD_1(type, p) (*AT(const type, p))
#define LOAD_2(type, p, offset) (*AT(const type, (p) + (offset)))
#define LOAD(type, ...) PICK_2(__VA_ARGS__, LOAD_2, LOAD_1)(type, __VA_ARGS__)

#define load_i16(...) LOAD(i16, __VA_ARGS__)
#define load_u16(...) LOAD(u16, __VA_ARGS__)
#define load_i32(...) LOAD(i32, __VA_ARGS__)
#define load_u32(...) LOAD(u32, __VA_ARGS__)
#define store_i16(p, v) ((void)(*AT(i16, p) = (v)))
#define store_u16(p, v) ((void)(*AT(u16, p) = (v)))
#define store_i32(p, v) ((void)(*AT(i32, p) = (v)))

#define OFFSET_1(p) (p)
#define OFFSET_2(p, offset) ((p) + (offset))
#define PLACE(...) PICK_2(__VA_ARGS__, OFFSET_2, OFFSET_1)(__VA_ARGS__)

#define v128_load(...) _mm_loadu_si128(AT(const v128, PLACE(__VA_ARGS__)))
#define v128_load16_splat(...) _mm_set1_epi16(*AT(const i16, PLACE(__VA_ARGS__)))
#define v128_load32_splat(...) _mm_castps_si128(_mm_set1_ps(*AT(const float, PLACE(__VA_ARGS__))))
#define v128_load64_splat(...) _mm_castpd_si128(_mm_loaddup_pd(AT(const double, PLACE(__VA_ARGS__))))
#define STORE_2(p, v) _mm_storeu_si128(AT(v128, p), v)
#define STORE_3(p, v, offset) _mm_storeu_si128(AT(v128, (p) + (offset)), v)
#define v128_store(...) PICK_3(__VA_ARGS__, STORE_3, STORE_2)(__VA_ARGS__)
#define v128_store64_lane(p, v, lane) (*AT(int64_t, p) = _mm_extract_epi64(v, lane))
#define v128_store32_lane(p, v, lane) (*AT(i32, p) = _mm_extract_epi32(v, lane))
#define v128_store16_lane(p, v, lane) (*AT(i16, p) = (i16)_mm_extract_epi16(v, lane))
#define v128_and _mm_and_si128
#define v128_or _mm_or_si128
#define v128_not(v) _mm_xor_si128(v, _mm_set1_epi32(-1))

typedef short words __attribute__((vector_size(16)));
typedef int longs __attribute__((vector_size(16)));
#define v128_shuffle_i16(a, b, ...) ((v128)__builtin_shuffle((words)(a), (words)(b), (words){__VA_ARGS__}))
#define v128_shuffle_i32(a, b, ...) ((v128)__builtin_shuffle((longs)(a), (longs)(b), (longs){__VA_ARGS__}))

#define i16x8_splat(v) _mm_set1_epi16(v)
#define i16x8_add _mm_add_epi16
#define i16x8_add_sat_s _mm_adds_epi16
#define i16x8_sub_sat_s _mm_subs_epi16
#define i16x8_shr_s(v, n) _mm_srai_epi16(v, n)
#define i16x8_min_s _mm_min_epi16
#define i16x8_max_s _mm_max_epi16
#define i16x8_narrow_i32x4_s _mm_packs_epi32
/** Exact but for -32768 by -32768. */
#define i16x8_relaxed_q15mulr_s _mm_mulhrs_epi16

static inline v128 i16x8_q15mulr_sat_s(v128 a, v128 b) {
  v128 product = _mm_mulhrs_epi16(a, b);
  return _mm_xor_si128(product, _mm_cmpeq_epi16(product, _mm_set1_epi16(-32768)));
}

#define i32x4_splat(v) _mm_set1_epi32(v)
#define i32x4_add _mm_add_epi32
#define i32x4_sub _mm_sub_epi32
#define i32x4_mul _mm_mullo_epi32
#define i32x4_shr_s(v, n) _mm_srai_epi32(v, n)
#define i32x4_dot_i16x8_s _mm_madd_epi16
#define i32x4_extract_lane(v, lane) _mm_extract_epi32(v, lane)

#define memory_fill(to, byte, bytes) memset(AT(u8, to), byte, bytes)
#define memory_copy(to, from, bytes) memmove(AT(u8, to), AT(u8, from), bytes)
#define unreachable() __builtin_trap()
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

/** Products by twiddles are those of the relaxed binary: no word of a twiddle is -32768. */
#define ASC_FEATURE_RELAXED_SIMD 1
